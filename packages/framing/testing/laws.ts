import { readdirSync } from "node:fs"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { checkLaws, laws } from "@bellmouth/core/testing"
import { expect, test } from "vitest"
import * as framing from "../src/index.ts"
import { type StreamSubject, subjectOf, unseenLaws } from "./stream-subject.ts"

setFlagsFromString("--expose-gc")
const gc: () => void = runInNewContext("gc")

async function collectGarbage(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve))
  gc()
}

/** Holds every stream of this package that encodes, or decodes, to every law of transforms. */
export function keepsEveryLaw<I, O>(
  kind: "decoder" | "encoder",
  subjects: Readonly<Record<string, StreamSubject<I, O>>>,
): void {
  for (const [name, subject] of Object.entries(subjects))
    test(`${name} keeps every law of transforms`, async () => {
      const except = Object.fromEntries((subject.unseen ?? []).map((law) => [law, "unseen"]))
      const options = { collectGarbage, except }
      const { results } = await checkLaws(subjectOf(name, subject, framing), options)
      const skipped = results.filter(({ state }) => state === "skipped").map(({ law }) => law)
      expect(results).toHaveLength(laws.length)
      expect(skipped.sort()).toEqual(unseenLaws(subject))
    })

  test(`every ${kind} stream is held to the laws`, () => {
    const files = readdirSync(new URL("../src", import.meta.url), { recursive: true })
    const streams = files
      .map((file) => /([\w-]+-stream)\.ts$/.exec(String(file))?.[1] ?? "")
      .filter((file) => file.endsWith(`${kind}-stream`))
      .map((file) => file.replace(/(?:^|-)(\w)/g, (_, first: string) => first.toUpperCase()))
    expect(streams.length).toBeGreaterThan(10)
    expect(Object.keys(subjects).sort()).toEqual(streams.sort())
  })
}
