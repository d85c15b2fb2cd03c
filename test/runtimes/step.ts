import { join } from "node:path"
import { installRuntimes } from "../../scripts/runtimes/install.ts"
import { runModule } from "../../scripts/runtimes/run-module.ts"
import { listFiles, ROOT } from "../../scripts/source-tree.ts"
import type { Step } from "../../scripts/step.ts"
import type { PortableResult, PortableSuite } from "../portable/suite.ts"
import { type Environment, environments } from "./environments.ts"
import { type EnvironmentReport, summarizeMatrix, titleOf } from "./matrix.ts"

const MIN_TESTS = 60

/** Runs every portable suite in every environment and prints the matrix. */
export function runtimesStep(only: readonly string[] = []): Step {
  return {
    name: "runtimes",
    async run() {
      const wanted = environments.filter(({ name }) => only.length === 0 || only.includes(name))
      await installRuntimes()
      const files = listFiles(["test/portable/**/*.portable.ts"])
      const expected = await expectedTests(files)
      const reports: EnvironmentReport[] = []
      for (const environment of wanted) reports.push(await runEnvironment(environment, files))
      const { table, failures, skips, ...counts } = summarizeMatrix(reports, expected, MIN_TESTS)
      return {
        ...counts,
        output: failures.join("\n\n"),
        note: [...table.split("\n"), ...skips.map((each) => `not run: ${each}`)].join("\n     "),
      }
    },
  }
}

async function expectedTests(files: readonly string[]): Promise<string[]> {
  const titles: string[] = []
  for (const file of files) {
    const { suite }: { suite: PortableSuite } = await import(join(ROOT, file))
    for (const test of Object.keys(suite.tests)) titles.push(titleOf({ suite: suite.name, test }))
  }
  return titles
}

async function runEnvironment(
  { name, runtime, prelude }: Environment,
  files: readonly string[],
): Promise<EnvironmentReport> {
  try {
    const { code, values, output } = await runModule(runtime, matrixModule(files, prelude))
    const fault = code === 0 ? "" : `it ended with ${code}\n${output}`
    return { name, version: await runtime.version(), results: values.filter(isResult), fault }
  } catch (error) {
    const fault = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return { name, version: "?", results: [], fault }
  }
}

/** The module that runs all suites and emits each result. */
function matrixModule(files: readonly string[], prelude: string | undefined): string {
  return [
    ...(prelude === undefined ? [] : [`import ${JSON.stringify(prelude)}`]),
    `import { runSuite } from "./test/portable/suite.ts"`,
    ...files.map((file, index) => `import { suite as s${index} } from "./${file}"`),
    "export async function main(emit) {",
    `  for (const suite of [${files.map((_, index) => `s${index}`).join(", ")}]) {`,
    "    for (const result of await runSuite(suite)) emit(result)",
    "  }",
    "}",
  ].join("\n")
}

function isResult(value: unknown): value is PortableResult {
  return typeof value === "object" && value !== null && "outcome" in value && "test" in value
}
