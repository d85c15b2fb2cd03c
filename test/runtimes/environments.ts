import { bun } from "../../scripts/runtimes/bun.ts"
import { chromium } from "../../scripts/runtimes/chromium.ts"
import { deno } from "../../scripts/runtimes/deno.ts"
import { node22, node24, node26 } from "../../scripts/runtimes/node.ts"
import type { Runtime } from "../../scripts/runtimes/runtime.ts"
import { workerd } from "../../scripts/runtimes/workerd.ts"

/** A runtime, and a module that changes its globals before the suites are loaded. */
export interface Environment {
  readonly name: string
  readonly runtime: Runtime
  readonly prelude?: string
}

/** Where every portable suite must hold. */
export const environments: readonly Environment[] = [
  ...[node22, node24, node26, deno, bun, workerd, chromium].map((runtime) => ({
    name: runtime.name,
    runtime,
  })),
  { name: "polyfill", runtime: node24, prelude: "./test/runtimes/polyfill-globals.ts" },
  { name: "hostile", runtime: node24, prelude: "./test/runtimes/hostile-globals.ts" },
]
