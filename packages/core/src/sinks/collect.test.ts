import { expect, test } from "vitest"
import { fromPull } from "../sources/from-pull.ts"
import { collectBytes, collectText } from "./collect.ts"
import { toArray } from "./to-array.ts"

/** Endless chunks of three bytes, and what the source was cancelled with. */
function endless() {
  const reasons: unknown[] = []
  const readable = fromPull<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array([97, 98, 99])),
    cancel: (reason) => void reasons.push(reason),
  })
  return { readable, reasons }
}

function chunks(count: number): ReadableStream<Uint8Array> {
  let left = count
  return fromPull({
    pull(controller) {
      if (left-- > 0) controller.enqueue(new Uint8Array([97, 98, 99]))
      else controller.close()
    },
  })
}

test("the limits of toArray and collectBytes are hit exactly and not passed", async () => {
  expect(await toArray(chunks(2), { maxChunks: 2 })).toHaveLength(2)
  expect(await collectBytes(chunks(2), { maxBytes: 6 })).toHaveLength(6)
  expect(await collectText(chunks(2), { maxBytes: 6 })).toBe("abcabc")
  expect(await toArray(chunks(0), { maxChunks: 0 })).toEqual([])
  for (const collect of [
    (readable: ReadableStream<Uint8Array>) => toArray(readable, { maxChunks: 2 }),
    (readable: ReadableStream<Uint8Array>) => collectBytes(readable, { maxBytes: 6 }),
    (readable: ReadableStream<Uint8Array>) => collectText(readable, { maxBytes: 6 }),
  ]) {
    const { readable, reasons } = endless()
    const error = await collect(readable).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ name: "StreamError", code: "LIMIT_EXCEEDED" })
    expect(reasons).toEqual([error])
  }
})

test("a limit that is no number is refused before anything is read", async () => {
  const { readable, reasons } = endless()
  await expect(toArray(readable, { maxChunks: Number.NaN })).rejects.toThrow(RangeError)
  await expect(collectBytes(readable, { maxBytes: -1 })).rejects.toThrow(RangeError)
  expect([readable.locked, reasons]).toEqual([false, []])
})
