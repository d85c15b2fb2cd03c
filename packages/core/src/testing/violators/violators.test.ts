import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { expect, test } from "vitest"
import type { LawName } from "../law.ts"
import { LawError } from "../law-error.ts"
import { laws } from "../laws.ts"
import type { Subject } from "../subject.ts"
import { honest, twice, twiceOutputs } from "./violator.ts"
import { violators } from "./violators.ts"

setFlagsFromString("--expose-gc")
const gc: () => void = runInNewContext("gc")
const collectGarbage = async (): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve))
  gc()
}

/** The laws that a subject breaks, and those that were skipped. */
async function judge<I, O>(
  subject: Subject<I, O>,
): Promise<{ broken: LawName[]; skipped: LawName[] }> {
  const broken: LawName[] = []
  const skipped: LawName[] = []
  for (const law of laws) {
    try {
      const result = await law.check(subject, { collectGarbage })
      if (result.state === "skipped") skipped.push(law.name)
    } catch (error) {
      if (!(error instanceof LawError) || error.code !== "BROKEN") throw error
      broken.push(error.law)
    }
  }
  return { broken, skipped }
}

test.for(violators)("$law catches a stage that $fault, and no other law does", async (violator) => {
  const { broken, skipped } = await judge(violator.subject)
  expect(broken.filter((law) => !violator.also.includes(law))).toEqual([violator.law])
  expect(skipped.length).toBeLessThan(laws.length - 10)
})

test("every law has a violator", () => {
  const caught = new Set(violators.map((violator) => violator.law))
  expect([...caught].sort()).toEqual(laws.map((law) => law.name).sort())
})

test("the pair that the faults are planted in upholds every law", async () => {
  expect((await judge(honest())).broken).toEqual([])
})

test("it upholds deliver-then-fail too", async () => {
  const subject = honest({
    stage: twice,
    subject: { outputs: twiceOutputs, failing: { input: null, outputs: [null, null] } },
  })
  const { broken, skipped } = await judge(subject)
  expect(broken).toEqual([])
  expect(skipped).toEqual(["chunking", "terminate"])
})
