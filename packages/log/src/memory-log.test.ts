import { expect, test } from "vitest"
import { logConformance } from "./conformance/log-conformance.ts"
import { createMemoryLog } from "./memory-log.ts"

const cases = logConformance({
  supports: {
    append: true,
    producers: true,
    trim: true,
    seal: true,
    fork: "shared",
    reopen: false,
    manyWriters: false,
  },
  create: async () => ({ log: createMemoryLog() }),
})
for (const { name, run, skip } of cases) test.skipIf(skip !== undefined)(`memory log: ${name}`, run)

test("createMemoryLog refuses a maxBatchBytes that is no limit", () => {
  for (const maxBatchBytes of [0, -1, 1.5, Number.NaN, 2 ** 32]) {
    expect(() => createMemoryLog({ maxBatchBytes })).toThrow(RangeError)
  }
})
