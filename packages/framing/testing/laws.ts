import { readdirSync } from "node:fs"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { checkLaws, type LawName, laws, type Subject } from "@bellmouth/core/testing"
import { expect, test } from "vitest"

setFlagsFromString("--expose-gc")
const gc: () => void = runInNewContext("gc")

async function collectGarbage(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve))
  gc()
}

/** No stream of this package ends by itself, or shows when its own callbacks are called. */
const ALWAYS_UNSEEN: readonly LawName[] = ["stage-cancel", "terminate"]

/**
 * Holds every stream of this package that encodes, or decodes, to every law of transforms. `unseen`
 * names those that a stream shows nothing of.
 */
export function keepsEveryLaw<I, O>(
  kind: "decoder" | "encoder",
  subjects: Readonly<Record<string, Subject<I, O>>>,
  unseen: Readonly<Record<string, readonly LawName[]>>,
): void {
  for (const [name, subject] of Object.entries(subjects))
    test(`${name} keeps every law of transforms`, async () => {
      const own = unseen[name] ?? []
      const except = Object.fromEntries(own.map((law) => [law, "there is nothing to see"]))
      const { results } = await checkLaws(subject, { collectGarbage, except })
      const skipped = results.filter(({ state }) => state === "skipped").map(({ law }) => law)
      const whole: LawName[] = subject.splits === undefined ? ["chunking"] : []
      expect(results).toHaveLength(laws.length)
      expect(skipped.sort()).toEqual([...ALWAYS_UNSEEN, ...whole, ...own].sort())
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
