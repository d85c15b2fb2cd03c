import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"

setFlagsFromString("--expose-gc")

/** One full collection, so that what is measured after it is what is held. */
export const collectGarbage: () => void = runInNewContext("gc")
