import { docCommentExamples } from "./examples/doc-comment-examples.ts"
import type { Example } from "./examples/example.ts"
import { fenceExamples } from "./examples/fence-examples.ts"
import { publicExports } from "./examples/public-exports.ts"
import { runExamples } from "./examples/run-examples.ts"
import { runMain } from "./main.ts"
import { listFiles, readTree, type SourceTree } from "./source-tree.ts"
import { type Findings, findingsStep, type Step } from "./step.ts"
import { workspacePackages } from "./workspace-package.ts"

/** Runs every example of the documentation, and asks of every public export that it has one. */
export const examplesStep: Step = findingsStep("examples", checkExamples)

async function checkExamples(): Promise<Findings> {
  const sources = readTree(["packages/*/src/**/*.ts", "packages/*/package.json"])
  const scans = [
    ...[...readTree(markdownFiles())].map(([file, text]) => fenceExamples(file, text)),
    ...[...sources]
      .filter(([file]) => /(?<!\.test)\.ts$/.test(file))
      .map(([file, text]) => docCommentExamples(file, text)),
  ]
  const examples = scans.flatMap((scan) => scan.examples)
  const run = examples.filter((example) => example.ignored === undefined)
  const undocumented = undocumentedExports(sources)
  const findings = [
    ...scans.flatMap((scan) => scan.faults),
    ...undocumented.findings,
    ...(await runExamples(run, ".cache/examples")),
  ]
  return {
    checked: run.length + undocumented.checked,
    findings,
    note: [
      `${run.length} examples run, ${undocumented.checked} exports looked at`,
      ...examples.flatMap(describeIgnored),
    ].join("\n     "),
  }
}

function markdownFiles(): string[] {
  return listFiles(["**/*.md"]).filter((file) => !/(^|\/)CHANGELOG\.md$/.test(file))
}

function undocumentedExports(sources: SourceTree): Findings {
  const packages = workspacePackages(sources)
  const findings = new Set<string>()
  const seen = new Set<string>()
  for (const { source } of packages.flatMap((each) => each.entries)) {
    for (const { name, file, line, isType, documented, examples } of publicExports(
      source,
      sources,
      packages,
    )) {
      seen.add(`${file}:${name}`)
      if (!documented) findings.add(`${file}:${line} ${name} is exported without a comment`)
      else if (!isType && examples === 0) {
        findings.add(`${file}:${line} ${name} is exported without an @example`)
      }
    }
  }
  return { checked: seen.size, findings: [...findings] }
}

function describeIgnored({ file, line, ignored }: Example): string[] {
  return ignored === undefined ? [] : [`not run: ${file}:${line} (${ignored})`]
}

if (import.meta.main) await runMain([examplesStep])
