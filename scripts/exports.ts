import { join } from "node:path"
import { runCommand } from "./command.ts"
import { runMain } from "./main.ts"
import { ROOT, readTree } from "./source-tree.ts"
import { type Findings, findingsStep, type Step } from "./step.ts"
import { workspacePackages } from "./workspace-package.ts"

/** Asks publint and attw whether each package, packed, can be imported as its manifest says. */
export const exportsStep: Step = findingsStep("exports", checkExports)

async function checkExports(): Promise<Findings> {
  const packages = workspacePackages(readTree(["packages/*/package.json"]))
  const findings: string[] = []
  for (const { name, folder } of packages) {
    const cwd = join(ROOT, "packages", folder)
    for (const [tool, ...args] of [
      ["publint", "--strict"],
      ["attw", "--pack", "--profile", "esm-only", "--no-color", "--no-emoji"],
    ] as const) {
      const { code, output } = await runCommand(join(ROOT, "node_modules/.bin", tool), args, {
        cwd,
      })
      if (code !== 0) findings.push(`${tool} refuses ${name}:\n${output.trim()}`)
    }
  }
  return { checked: packages.length * 2, findings }
}

if (import.meta.main) await runMain([exportsStep])
