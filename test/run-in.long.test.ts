import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { runIn, runtimes } from "../scripts/run-in.ts"
import { ROOT } from "../scripts/source-tree.ts"

const folder = ".cache/run-in-test"
const file = `${folder}/module.ts`

beforeAll(() => {
  mkdirSync(join(ROOT, folder), { recursive: true })
  const text = `import { map } from "@bellmouth/core"
export async function main(emit: (value: unknown) => void, args: readonly string[]) {
  console.log("for a reader")
  emit({ args, type: typeof map, text: "€\\n" })
  await Promise.resolve()
  if (args[0] === "fail") throw new Error("planted fault")
  if (args[0] === "hang") await new Promise(() => setInterval(() => {}, 1000))
}
`
  writeFileSync(join(ROOT, file), text)
})

afterAll(() => rmSync(join(ROOT, folder), { recursive: true, force: true }))

test.for(runtimes.map((each) => each.name))("runIn gives what main emits in %s", async (name) => {
  const result = await runIn(file, name, { args: ["a b", '"'] })
  expect(result).toMatchObject({
    code: 0,
    values: [{ args: ["a b", '"'], type: "function", text: "€\n" }],
    version: expect.stringMatching(/\d/),
  })
  expect(result.output).toContain("for a reader")
})

test.for(runtimes.map((each) => each.name))("runIn tells that main failed in %s", async (name) => {
  const { code, output, values } = await runIn(file, name, { args: ["fail"] })
  expect(code).not.toBe(0)
  expect(output).toContain("planted fault")
  expect(values).toHaveLength(1)
})

test.for(runtimes.map((each) => each.name))("runIn ends a main that hangs in %s", async (name) => {
  const { code, output } = await runIn(file, name, { args: ["hang"], timeoutMs: 3000 })
  expect(code).not.toBe(0)
  expect(output).toContain("Stopped after 3000 ms")
})

test("runIn refuses a runtime that there is not, and a module that does not bundle", async () => {
  await expect(runIn(file, "netscape")).rejects.toThrow(RangeError)
  await expect(runIn("gone.ts", "node")).rejects.toThrow("gone.ts")
})
