import { join } from "node:path"
import { expect, test } from "vitest"
import { runCommand } from "../scripts/command.ts"
import { ROOT } from "../scripts/source-tree.ts"

/** What a fresh Node says of its globals after a prelude. */
async function after(prelude: string, expression: string): Promise<unknown> {
  const file = join(ROOT, "test/runtimes", prelude)
  const code = `await import(${JSON.stringify(file)})
console.log(JSON.stringify(await (async () => (${expression}))()))`
  const {
    code: exit,
    stdout,
    output,
  } = await runCommand(process.execPath, ["--input-type=module", "--eval", code])
  expect(exit, output).toBe(0)
  return JSON.parse(stdout)
}

const HOSTILE: readonly (readonly [string, string])[] = [
  ["ReadableStream.from is missing", "ReadableStream.from === undefined"],
  ["async iteration is missing", "!(Symbol.asyncIterator in new ReadableStream())"],
  ["values() is missing", "new ReadableStream().values === undefined"],
  ["ArrayBuffer.prototype.transfer is missing", "new ArrayBuffer(1).transfer === undefined"],
  [
    "transformer.cancel is not called",
    `(async () => {
      let called = false
      await new TransformStream({ cancel() { called = true } }).readable.cancel()
      return !called
    })()`,
  ],
  [
    "transformer.transform still is, as a method",
    `(async () => {
      const { readable, writable } = new TransformStream({
        n: 2,
        transform(chunk, controller) { controller.enqueue(chunk * this.n) },
      })
      void writable.getWriter().write(4)
      return (await readable.getReader().read()).value === 8
    })()`,
  ],
  [
    "read(view, { min }) does not wait for min",
    `(async () => {
      const readable = new ReadableStream({
        type: "bytes",
        pull(controller) { controller.enqueue(new Uint8Array(1)) },
      })
      const reader = readable.getReader({ mode: "byob" })
      return (await reader.read(new Uint8Array(4), { min: 4 })).value.length === 1
    })()`,
  ],
  [
    "transfer of a stream throws",
    `(() => {
      const readable = new ReadableStream()
      try {
        structuredClone(readable, { transfer: [readable] })
        return false
      } catch (error) {
        return error.name === "DataCloneError"
      }
    })()`,
  ],
]

test.each(HOSTILE)("Under hostile globals %s", async (_, expression) => {
  expect(await after("hostile-globals.ts", expression)).toBe(true)
  // Otherwise the prelude would show nothing: the claim about `transform` holds in both.
  const plain = await after("environments.ts", expression)
  expect(plain).toBe(expression.includes("this.n"))
})

test("Under the polyfill the stream classes are not the platform's", async () => {
  expect(await after("polyfill-globals.ts", "globalThis.TextDecoderStream === undefined")).toBe(
    true,
  )
  const differs = `(async () => {
    const { ReadableStream: platform } = await import("node:stream/web")
    return platform !== ReadableStream && !(new ReadableStream() instanceof platform)
  })()`
  expect(await after("polyfill-globals.ts", differs)).toBe(true)
  expect(await after("environments.ts", differs)).toBe(false)
})
