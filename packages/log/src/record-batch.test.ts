import { expect, test } from "vitest"
import { toOffset } from "./offset.ts"
import { sliceBatch, toRecordBatch } from "./record-batch.ts"

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const texts = ["one", "", "three"]
const bytes = encoder.encode(texts.map((text) => `${text}\n`).join(""))
const init = { offset: toOffset(5), count: 3, framing: "lines", bytes } as const

function show(batch: Iterable<{ offset: number; data: Uint8Array }> | undefined): string[] {
  return Array.from(batch ?? [], ({ offset, data }) => `${offset}:${decoder.decode(data)}`)
}

test("a batch that knows where its records end has the same entries", () => {
  const known = toRecordBatch({ ...init, ends: [4, 5, 11] })
  expect(show(known)).toEqual(["5:one", "6:", "7:three"])
  expect(show(known)).toEqual(show(toRecordBatch(init)))
})

test("a batch that knows where its records end is not searched", () => {
  const long = bytes.slice()
  long.indexOf = () => {
    throw new Error("searched")
  }
  expect(show(toRecordBatch({ ...init, bytes: long, ends: [4, 5, 11] }))).toHaveLength(3)
  expect(() => show(toRecordBatch({ ...init, bytes: long }))).toThrow("searched")
})

test("a part of a batch that knows where its records end has its own", () => {
  const known = toRecordBatch({ ...init, ends: [4, 5, 11] })
  expect(show(sliceBatch(known, 6, 8))).toEqual(["6:", "7:three"])
  expect(show(sliceBatch(known, 5, 7))).toEqual(["5:one", "6:"])
})
