import { test } from "vitest"
import { conformanceCases } from "../testing/conformance-cases.ts"
import { testFolder } from "../testing/git.ts"

const cases = conformanceCases(testFolder(), { level: "disk", objectFormat: "sha1" })
for (const { name, run, skip } of cases) {
  test.skipIf(skip !== undefined)(`git log, disk, sha1: ${name}`, run)
}
