import { checkLaws } from "@bellmouth/core/testing"
import * as framing from "@bellmouth/framing"
import { decoderSubjects } from "../../packages/framing/testing/decoder-subjects.ts"
import { encoderSubjects } from "../../packages/framing/testing/encoder-subjects.ts"
import {
  type StreamSubject,
  subjectOf,
  unseenLaws,
} from "../../packages/framing/testing/stream-subject.ts"
import { equal } from "./assert.ts"
import type { PortableSuite, PortableTest } from "./suite.ts"

function lawTests<I, O>(
  subjects: Readonly<Record<string, StreamSubject<I, O>>>,
): Record<string, PortableTest> {
  const tests = Object.entries(subjects).map(([name, subject]): [string, PortableTest] => [
    `${name} keeps every law of transforms`,
    async () => {
      // It needs a collector of garbage, which no runtime offers to a program.
      const unseen = [...(subject.unseen ?? []), "retention"]
      const except = Object.fromEntries(unseen.map((law) => [law, "unseen"]))
      const { results } = await checkLaws(subjectOf(name, subject, framing), { except, runs: 8 })
      const skipped = results.filter(({ state }) => state === "skipped").map(({ law }) => law)
      equal(skipped.sort(), [...unseenLaws(subject), "retention"].sort(), "list of skipped laws")
    },
  ])
  return Object.fromEntries(tests)
}

export const suite: PortableSuite = {
  name: "framing: laws of streams",
  tests: { ...lawTests(decoderSubjects), ...lawTests(encoderSubjects) },
}
