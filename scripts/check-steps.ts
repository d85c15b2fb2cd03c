import { join } from "node:path"
import { examplesStep } from "./examples.ts"
import { exportsStep } from "./exports.ts"
import { sizeStep } from "./size.ts"
import { ROOT } from "./source-tree.ts"
import { commandStep, type Step } from "./step.ts"
import { vitestStep } from "./vitest-step.ts"

/** What every change must pass, cheapest first; the layers are among the unit tests. */
export const checkSteps: readonly Step[] = [
  commandStep("build", "npm", ["run", "build"]),
  tool("format", "biome", "check", "--error-on-warnings", "."),
  tool("lint", "oxlint", "--type-aware", "--deny-warnings"),
  tool("types", "tsc", "-p", "test", "--noEmit"),
  vitestStep("unit", 15 * 60_000),
  examplesStep,
  exportsStep,
  tool("knip", "knip"),
  sizeStep,
]

function tool(name: string, command: string, ...args: readonly string[]): Step {
  return commandStep(name, join(ROOT, "node_modules/.bin", command), args)
}
