import { test } from "vitest"
import { conformanceCases } from "../testing/conformance-cases.ts"
import { testFolder } from "../testing/git.ts"

const cases = conformanceCases(testFolder(), { level: "process", objectFormat: "sha256" })
for (const { name, run, skip } of cases) {
  test.skipIf(skip !== undefined)(`git log, process, sha256: ${name}`, run)
}
