import fc from "fast-check"
import { expect, test } from "vitest"
import { collectBytes } from "../sinks/collect.ts"
import { from } from "../sources/from.ts"
import { byteChunkings } from "../testing/index.ts"
import { ScriptedSource } from "../testing/scripted-source.ts"
import { Turns } from "../testing/turns.ts"
import { ByteReader, type ByteReaderOptions } from "./byte-reader.ts"

const turns = new Turns({ turn: () => Promise.resolve(), quietTurns: 32 })
const bytes = (...values: number[]) => new Uint8Array(values)
const open = (chunks: readonly Uint8Array[], options?: ByteReaderOptions) =>
  new ByteReader(from(chunks), options)
const text = new TextEncoder()
const outcomeOf = (promise: Promise<Uint8Array | undefined>): Promise<unknown> =>
  promise.then(
    (read) => [...(read ?? [])],
    (error: unknown) => error,
  )

test("every chunking gives the same reads", async () => {
  let seen = 0
  for (const { chunks, name } of byteChunkings(text.encode("ab\r\ncd\r\r\nefghij"))) {
    const reader = open(chunks)
    const delimiter = text.encode("\r\n")
    const got = [
      await reader.readUntil(delimiter),
      await reader.peek(3),
      await reader.readUntil(delimiter),
      await reader.readExactly(4),
      await reader.peek(9),
      await reader.readExactly(2),
      await reader.readExactly(0),
    ].map((read) => new TextDecoder().decode(read))
    expect(got, name).toEqual(["ab\r\n", "cd\r", "cd\r\r\n", "efgh", "ij", "ij", ""])
    expect(await reader.readUpTo(5), name).toBeUndefined()
    seen++
  }
  expect(seen).toBeGreaterThan(40)
})

test("any reads of any chunks do what a plain array does", async () => {
  let found = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ max: 2, maxLength: 6 }), { maxLength: 12 }),
      fc.array(fc.oneof(fc.nat(5), fc.uint8Array({ max: 2, minLength: 1, maxLength: 3 })), {
        maxLength: 12,
      }),
      async (chunks, reads) => {
        const reader = open(chunks)
        let left = chunks.flatMap((chunk) => [...chunk])
        for (const read of reads) {
          if (typeof read === "number") {
            const seen = await outcomeOf(
              reader.readExactly(read).then((got) => Promise.reject([...got])),
            )
            const isThere = read <= left.length
            const lack = { code: "TRUNCATED", have: left.length, want: read }
            expect(seen).toMatchObject(isThere ? left.slice(0, read) : lack)
            if (isThere) left = left.slice(read)
          } else {
            const at = left.findIndex((_, i) => read.every((byte, j) => left[i + j] === byte))
            const seen = await outcomeOf(
              reader.readUntil(read).then((got) => Promise.reject([...got])),
            )
            const end = at + read.length
            const lack = { code: "TRUNCATED", have: left.length, want: undefined }
            expect(seen).toMatchObject(at >= 0 ? left.slice(0, end) : lack)
            if (at >= 0) left = left.slice(end)
            if (at >= 0) found++
          }
        }
        const rest = await collectBytes(reader.rest())
        expect([...rest]).toEqual(left)
      },
    ),
    { numRuns: 150 },
  )
  expect(found).toBeGreaterThan(30)
})

test("calls that do not wait for one another are answered in order", async () => {
  const reader = open([bytes(1, 2), bytes(3), bytes(4, 5, 6)])
  const reads = [reader.readExactly(3), reader.peek(1), reader.readExactly(1), reader.readUpTo(9)]
  expect((await Promise.all(reads)).map((read) => [...(read ?? [])])).toEqual([
    [1, 2, 3],
    [4],
    [4],
    [5, 6],
  ])
})

test("a call that fails takes nothing, and the next one is served", async () => {
  const reader = open([bytes(1, 2)])
  const error = await outcomeOf(reader.readExactly(3))
  expect(error).toMatchObject({ name: "StreamError", code: "TRUNCATED", have: 2, want: 3 })
  expect(await reader.readExactly(2)).toEqual(bytes(1, 2))
})

test("maxBytes bounds what one call gathers: hit exactly, and over by one", async () => {
  const chunks = [bytes(1, 2, 3), bytes(4, 5)]
  expect((await open(chunks, { maxBytes: 5 }).readExactly(5)).length).toBe(5)
  expect((await open(chunks, { maxBytes: 5 }).readUntil(bytes(5))).length).toBe(5)
  for (const read of [
    open(chunks, { maxBytes: 4 }).readExactly(5),
    open(chunks, { maxBytes: 4 }).peek(5),
    open(chunks, { maxBytes: 4 }).readUntil(bytes(5)),
    open(chunks, { maxBytes: 2 }).readUntil(bytes(9)),
  ]) {
    await expect(read).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" })
  }
  const ahead = open([bytes(1, 2, 3, 4, 5, 6)], { maxBytes: 4 })
  await ahead.readExactly(1)
  await expect(ahead.readExactly(5)).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" })
})

test("nothing is read ahead of what is asked for", async () => {
  const source = new ScriptedSource([bytes(1), bytes(2), bytes(3)], "close", () => {})
  const reader = new ByteReader(source.readable)
  await turns.quiet()
  expect(source.given).toBe(0)
  await reader.readExactly(2)
  await turns.quiet()
  expect(source.given).toBe(2)
})

test("an error of the readable is passed on as it is, after what came before it", async () => {
  const source = new ScriptedSource([bytes(1, 2)], "idle", () => {})
  const reader = new ByteReader(source.readable)
  expect((await reader.peek(1)).length).toBe(1)
  const boom = new Error("boom")
  source.error(boom)
  await expect(reader.readExactly(3)).rejects.toBe(boom)
  expect(await reader.readExactly(2)).toEqual(bytes(1, 2))
  await expect(reader.readUpTo(1)).rejects.toBe(boom)
})

test("the signal cancels the readable and rejects what waits, with its reason", async () => {
  const source = new ScriptedSource<Uint8Array>([], "idle", () => {})
  const abortion = new AbortController()
  const reader = new ByteReader(source.readable, { signal: abortion.signal })
  const read = outcomeOf(reader.readExactly(1))
  await turns.quiet()
  abortion.abort("enough")
  expect(await read).toBe("enough")
  expect(source.cancels).toEqual(["enough"])
  const late = new ByteReader(from([bytes(1)]), { signal: abortion.signal })
  expect(await outcomeOf(late.readExactly(1))).toBe("enough")
})

test("cancel, and dispose, cancel the readable and drop what had come", async () => {
  const source = new ScriptedSource([bytes(1, 2)], "idle", () => {})
  const reader = new ByteReader(source.readable)
  await reader.readExactly(1)
  await reader.cancel("enough")
  expect(source.cancels).toEqual(["enough"])
  expect(await reader.readUpTo(1)).toBeUndefined()
  const other = new ScriptedSource<Uint8Array>([], "idle", () => {})
  await new ByteReader(other.readable)[Symbol.asyncDispose]()
  expect(other.cancels.length).toBe(1)
})

test("rest gives what was not yet read, once; cancelling it cancels the readable", async () => {
  const source = new ScriptedSource([bytes(1, 2, 3), bytes(4)], "idle", () => {})
  const reader = new ByteReader(source.readable)
  await reader.readExactly(1)
  const rest = reader.rest().getReader()
  expect((await rest.read()).value).toEqual(bytes(2, 3))
  expect((await rest.read()).value).toEqual(bytes(4))
  await rest.cancel("enough")
  expect(source.cancels).toEqual(["enough"])
  for (let call = 0; call < 2; call++) {
    await expect(reader.readExactly(1)).rejects.toBeInstanceOf(TypeError)
    expect(() => reader.rest()).toThrow(TypeError)
  }
  const waiting = new ByteReader(new ReadableStream<Uint8Array>())
  waiting.readExactly(1).catch(() => {})
  expect(() => waiting.rest()).toThrow(TypeError)
})

test("ByteReader refuses counts that are none and chunks that are no bytes", async () => {
  const reader = open([])
  expect(() => reader.readExactly(-1)).toThrow(RangeError)
  expect(() => reader.readUpTo(0)).toThrow(RangeError)
  expect(() => reader.readUntil(bytes())).toThrow(RangeError)
  expect(() => open([], { maxBytes: 0 })).toThrow(RangeError)
  const strings: ReadableStream = from(["a"])
  await expect(new ByteReader(strings).readExactly(1)).rejects.toBeInstanceOf(TypeError)
})

test("many small chunks are joined and searched in linear time", async () => {
  const count = 200_000
  const chunks = Array.from({ length: count }, () => bytes(1))
  const reader = open([...chunks, bytes(9), ...chunks])
  expect((await reader.readUntil(bytes(9))).length).toBe(count + 1)
  expect((await reader.readExactly(count)).length).toBe(count)
})

test("what is read of Buffers is plain bytes, whether it was cut or not", async () => {
  const reader = new ByteReader(from([Buffer.from([1, 2, 3]), Buffer.from([4, 5])]))
  for (const count of [1, 3, 1]) {
    const bytes = await reader.readExactly(count)
    expect(bytes.constructor).toBe(Uint8Array)
  }
})
