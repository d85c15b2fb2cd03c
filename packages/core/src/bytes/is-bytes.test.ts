import { runInNewContext } from "node:vm"
import { expect, test } from "vitest"
import { collectBytes } from "../sinks/collect.ts"
import { from } from "../sources/from.ts"
import { rechunk } from "../transforms/rechunk.ts"
import { ByteReader } from "./byte-reader.ts"
import { isBytes } from "./is-bytes.ts"

const foreign = runInNewContext("Uint8Array.of(1, 2, 3)") as Uint8Array

test("isBytes knows a Uint8Array of any realm, and nothing else", () => {
  expect(foreign instanceof Uint8Array).toBe(false)
  for (const bytes of [foreign, new Uint8Array(0), Buffer.alloc(1)])
    expect(isBytes(bytes)).toBe(true)
  for (const other of [
    undefined,
    null,
    1,
    "Uint8Array",
    [1],
    new Uint16Array(1),
    new ArrayBuffer(1),
  ])
    expect(isBytes(other)).toBe(false)
})

test("bytes that were transferred are refused, for they look empty", async () => {
  const sent = (): ReadableStream<Uint8Array> => {
    const bytes = Uint8Array.of(1)
    structuredClone(bytes, { transfer: [bytes.buffer] })
    return from([bytes])
  }
  await expect(collectBytes(sent())).rejects.toThrow(TypeError)
  await expect(collectBytes(sent().pipeThrough(rechunk(2)))).rejects.toThrow(TypeError)
  await expect(new ByteReader(sent()).readUpTo(1)).rejects.toThrow(TypeError)
})

test("bytes of another realm are collected, cut and read", async () => {
  expect([...(await collectBytes(from([foreign, foreign])))]).toEqual([1, 2, 3, 1, 2, 3])
  expect([...(await collectBytes(from([foreign]).pipeThrough(rechunk(2))))]).toEqual([1, 2, 3])
  expect([...(await new ByteReader(from([foreign])).readExactly(2))]).toEqual([1, 2])
})
