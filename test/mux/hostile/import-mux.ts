import { join } from "node:path"
import { importBundle, type PlantedFault } from "../../crash/planted-fault.ts"
import * as asItIs from "./mux-under-test.ts"

export type Mux = typeof asItIs

/** The package as it is, or with some faults. */
export function importMux(faults: readonly PlantedFault[]): Promise<Mux> {
  if (faults.length === 0) return Promise.resolve(asItIs)
  return importBundle(join(import.meta.dirname, "mux-under-test.ts"), faults)
}
