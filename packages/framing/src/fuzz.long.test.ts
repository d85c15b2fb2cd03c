import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { expect, test } from "vitest"
import { hex } from "../testing/cuts.ts"
import { fuzz } from "../testing/fuzz.ts"
import { fuzzTargets } from "../testing/fuzz-targets.ts"

const folder = new URL("../testing/corpus/", import.meta.url)

/** `FUZZ_RUNS=1000000` fuzzes for long, `FUZZ_SAVE=1` keeps what reached new code. */
const runs = Number(process.env["FUZZ_RUNS"] ?? 2000)
const seed = Number(process.env["FUZZ_SEED"] ?? Date.now() % 2 ** 31)

for (const target of fuzzTargets)
  test(`${target.name} withstands inputs that coverage guides, seed ${seed}`, () => {
    const file = new URL(`${target.name}.json`, folder)
    const saved = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as string[]) : []
    const corpus = saved.map((text) => Uint8Array.from(Buffer.from(text, "hex")))
    const report = fuzz(target, corpus, runs, seed)
    if (process.env["FUZZ_SAVE"]) {
      mkdirSync(folder, { recursive: true })
      const inputs = [...new Set(report.corpus.map(hex))]
      writeFileSync(file, `${JSON.stringify(inputs, null, 2)}\n`)
    } else expect(saved.length).toBeGreaterThan(3)
    expect(report.runs).toBeGreaterThanOrEqual(runs)
    expect(report.blocks).toBeGreaterThan(20)
  })

test("the fuzzer finds a fault that only one rare input shows", () => {
  const target = {
    name: "planted",
    pieces: ["\n", '"', "1", "[", "]"],
    check(bytes: Uint8Array) {
      fuzzTargets[0]?.check(bytes)
      if (hex(bytes).includes("5b5d0a")) throw new Error("planted")
    },
  }
  expect(() => fuzz(target, [], 50_000, 1)).toThrow("Cannot pass planted")
})
