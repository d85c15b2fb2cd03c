import { availableParallelism } from "node:os"
import { join } from "node:path"
import { runCommand } from "./command.ts"
import { runMain } from "./main.ts"
import { parallel } from "./parallel.ts"
import { ROOT, readTree } from "./source-tree.ts"
import { type Findings, findingsStep, type Step } from "./step.ts"
import { workspacePackages } from "./workspace-package.ts"

/** Asks publint and attw whether each package, packed, can be imported as its manifest says. */
export const exportsStep: Step = findingsStep("exports", checkExports)

const TOOLS = [
  ["publint", "--strict"],
  ["attw", "--pack", "--profile", "esm-only", "--no-color", "--no-emoji"],
] as const

async function checkExports(): Promise<Findings> {
  const packages = workspacePackages(readTree(["packages/*/package.json"]))
  const checks = packages.flatMap((each) => TOOLS.map((tool) => ({ ...each, tool })))
  const findings = await parallel(checks, availableParallelism(), async (check) => {
    const [tool, ...args] = check.tool
    const cwd = join(ROOT, "packages", check.folder)
    const bin = join(ROOT, "node_modules/.bin", tool)
    const { code, output } = await runCommand(bin, args, { cwd })
    return code === 0 ? [] : [`${tool} refuses ${check.name}:\n${output.trim()}`]
  })
  return { checked: checks.length, findings: findings.flat() }
}

if (import.meta.main) await runMain([exportsStep])
