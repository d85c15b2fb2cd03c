import { Readable, Writable } from "node:stream"
import { expect, test } from "vitest"
import { isBrokenPipe } from "./adapter-error.ts"
import { fileReadable } from "./file-readable.ts"
import { fromNodeReadable } from "./from-node-readable.ts"
import { fromNodeWritable } from "./from-node-writable.ts"

const settle = () => new Promise((resolve) => setImmediate(resolve))

test("fromNodeReadable reads one chunk ahead at most", async () => {
  let reads = 0
  const source = new Readable({
    highWaterMark: 1,
    read() {
      reads++
      this.push(Buffer.from([reads]))
    },
  })
  const reader = fromNodeReadable(source).getReader()
  await settle()
  expect(reads).toBeLessThanOrEqual(1)
  expect((await reader.read()).value).toEqual(Buffer.from([1]))
  await settle()
  expect(reads).toBeLessThanOrEqual(3)
  await reader.cancel()
  expect(source.destroyed).toBe(true)
})

test("fromNodeReadable passes on an error with its identity, also while nobody reads", async () => {
  const failure = new Error("disk on fire")
  const source = new Readable({ read() {} })
  const reader = fromNodeReadable(source).getReader()
  source.destroy(failure)
  await expect(reader.closed).rejects.toBe(failure)
})

test("fromNodeReadable tells a source that closes before its end", async () => {
  const source = new Readable({ read() {} })
  const reader = fromNodeReadable(source).getReader()
  source.destroy()
  await expect(reader.read()).rejects.toThrow("Cannot read on")
})

test.each([undefined, new Error("disk on fire")])(
  "a Node.js stream that was destroyed by %s before is no stream that hangs",
  async (failure) => {
    const source = new Readable({ read() {} }).on("error", () => {})
    const sink = new Writable({ write() {} }).on("error", () => {})
    source.destroy(failure)
    sink.destroy(failure)
    await settle()
    const reading = fromNodeReadable(source).getReader().read()
    await expect(reading).rejects.toThrow(failure?.message ?? "Cannot read on")
    const closing = fromNodeWritable(sink).close()
    await expect(closing).rejects.toThrow(failure?.message ?? "Cannot write on")
  },
)

test("fromNodeReadable refuses what is not bytes", async () => {
  const reader = fromNodeReadable(Readable.from(["text"])).getReader()
  await expect(reader.read()).rejects.toThrow(TypeError)
})

test("fromNodeReadable of a source that has ended is empty", async () => {
  const source = Readable.from([])
  source.resume()
  await settle()
  expect(await new Response(fromNodeReadable(source)).text()).toBe("")
})

test("fromNodeWritable leaves nothing on a sink that it keeps open", async () => {
  const sink = new Writable({ write: (_chunk, _encoding, done) => done() })
  const before = sink.eventNames()
  for (let use = 0; use < 12; use++) {
    await new Blob(["bytes"]).stream().pipeTo(fromNodeWritable(sink, { keepOpen: true }))
    await fromNodeWritable(sink, { keepOpen: true }).abort()
  }
  expect([sink.eventNames(), sink.writable]).toEqual([before, true])
})

test("fromNodeWritable accepts a chunk only when the one before was taken", async () => {
  const taken: (() => void)[] = []
  const sink = new Writable({ write: (_chunk, _encoding, done) => void taken.push(done) })
  const writer = fromNodeWritable(sink).getWriter()
  const first = writer.write(new Uint8Array(1))
  void writer.write(new Uint8Array(1))
  await settle()
  expect([taken.length, writer.desiredSize]).toEqual([1, -1])
  taken[0]?.()
  await first
  await settle()
  expect(taken.length).toBe(2)
})

test("fromNodeWritable errors with the sink's error, and EPIPE is a broken pipe", async () => {
  const failure = Object.assign(new Error("write EPIPE"), { code: "EPIPE" })
  const sink = new Writable({ write: (_chunk, _encoding, done) => done(failure) })
  const writer = fromNodeWritable(sink).getWriter()
  await expect(writer.write(new Uint8Array(1))).rejects.toBe(failure)
  await expect(writer.closed).rejects.toBe(failure)
  expect(isBrokenPipe(failure)).toBe(true)
  expect(isBrokenPipe(new Error("EPIPE"))).toBe(false)
})

test("fromNodeWritable tells a sink that closes while idle", async () => {
  const sink = new Writable({ write() {} })
  const writer = fromNodeWritable(sink).getWriter()
  sink.destroy()
  await expect(writer.closed).rejects.toThrow("Cannot write on")
})

test("fromNodeWritable does not close well when its sink breaks off before it has finished", async () => {
  const sink = new Writable({ write: (_chunk, _encoding, done) => done(), final() {} })
  const writer = fromNodeWritable(sink).getWriter()
  await writer.write(new Uint8Array(1))
  const closed = writer.close()
  await Promise.all([expect(closed).rejects.toThrow(Error), settle().then(() => sink.destroy())])
  await expect(writer.closed).rejects.toThrow(Error)
})

test("fromNodeWritable closes well when others have ended its sink", async () => {
  const sink = new Writable({ write: (_chunk, _encoding, done) => done() })
  const writable = fromNodeWritable(sink)
  await new Promise<void>((resolve) => sink.end(resolve))
  await writable.close()
})

test("fromNodeWritable ends its sink on close and destroys it on abort, unless kept open", async () => {
  const sinks = Array.from({ length: 3 }, () => new Writable({ write: (_c, _e, done) => done() }))
  const [ended, destroyed, kept] = sinks as [Writable, Writable, Writable]
  await fromNodeWritable(ended).close()
  await fromNodeWritable(destroyed).abort(new Error("enough"))
  await fromNodeWritable(kept, { keepOpen: true }).close()
  expect([ended.writableFinished, destroyed.destroyed, kept.writable]).toEqual([true, true, true])
})

test("fileReadable gives a file in chunks of the size asked for", async () => {
  const sizes: number[] = []
  for await (const chunk of fileReadable(import.meta.filename, { chunkBytes: 1000 })) {
    sizes.push(chunk.length)
  }
  expect(sizes.slice(0, -1).every((size) => size === 1000)).toBe(true)
  expect(sizes.length).toBeGreaterThan(2)
})

test("fileReadable says which file it can not read, and why", async () => {
  const missing = fileReadable("/nowhere/at/all").getReader()
  await expect(missing.read()).rejects.toMatchObject({
    code: "FILE_UNREADABLE",
    message: "Cannot read /nowhere/at/all: ENOENT",
  })
  expect(() => fileReadable("x", { chunkBytes: 0 })).toThrow(RangeError)
})
