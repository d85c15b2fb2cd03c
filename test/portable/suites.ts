import { consumers } from "./core/consumers.ts"
import { ends } from "./core/ends.ts"
import { errors } from "./core/errors.ts"
import { fusion } from "./core/fusion.ts"
import { sources } from "./core/sources.ts"
import type { Suite } from "./suite.ts"

/** Every suite that runs in every runtime. */
export const suites: readonly Suite[] = [fusion, errors, ends, consumers, sources]
