import { createHash } from "node:crypto"
import type { Log } from "@bellmouth/log"
import { toOffset } from "@bellmouth/log"
import { expect, test } from "vitest"
import { openFsLog } from "../open-fs-log.ts"
import { faultLayer } from "../testing/fault-layer.ts"
import { MemoryFileLayer } from "../testing/memory-file-layer.ts"

/** More than is read at a time, in frames of very different sizes, over several segments. */
const SIZES = [10, 100, 5_000, 40_000, 300_000, 900_000, 2_500_000, 7, 1_048_500, 31, 64_000]
const REPEATS = 3

const recordOf = (n: number): Uint8Array =>
  new Uint8Array(SIZES[n % SIZES.length] ?? 0).fill(n % 9 === 4 ? 10 : 32 + (n % 90))

async function build(fileLayer: MemoryFileLayer): Promise<string[]> {
  const log = await openFsLog("/log", { fileLayer, segmentBytes: 3_000_000 })
  const hashes: string[] = []
  for (let n = 0; n < SIZES.length * REPEATS; n++) {
    const writer = log.writable().getWriter()
    void writer.write(recordOf(n))
    await writer.close()
    hashes.push(hashOf(recordOf(n)))
  }
  await log.close()
  return hashes
}

const hashOf = (bytes: Uint8Array): string => createHash("sha1").update(bytes).digest("hex")

async function readOut(log: Log, lend: boolean, from = 0): Promise<string[]> {
  const hashes: string[] = []
  const reader = log.replayBatches({ lend, from: toOffset(from) }).getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return hashes
    for (const { data } of value) hashes.push(hashOf(data))
  }
}

test("chunks of any size come out whole, given or lent, from any offset, by writer and reader", async () => {
  const files = new MemoryFileLayer()
  const hashes = await build(files)
  // Reads that give less than they were asked for, as a file system may.
  let shortened = 0
  const fileLayer = {
    ...faultLayer(files, () => undefined),
    async open(path: string, mode: "read" | "write" | "create") {
      const file = await files.open(path, mode)
      const read = file.read.bind(file)
      file.read = (into, position) => {
        if (into.length > 1_000) shortened++
        return read(into.length > 1_000 ? into.subarray(0, into.length >> 1) : into, position)
      }
      return file
    },
  }
  for (const mode of ["write", "read"] as const) {
    await using log = await openFsLog("/log", { fileLayer, mode, segmentBytes: 3_000_000 })
    for (const lend of [false, true]) {
      expect(await readOut(log, lend)).toEqual(hashes)
      for (const from of [5, 6, 7, 30]) {
        expect(await readOut(log, lend, from)).toEqual(hashes.slice(from))
      }
    }
  }
  expect(shortened).toBeGreaterThan(100)
  expect([...files.files.keys()].filter((path) => path.endsWith(".log")).length).toBeGreaterThan(3)
})

test("what was read of the bytes after the tail is read again when they have become records", async () => {
  const files = new MemoryFileLayer()
  const segment = "/log/00000000000000000000.log"
  const log = await openFsLog("/log", { fileLayer: files })
  const append = async (text: string): Promise<void> => {
    const writer = log.writable().getWriter()
    void writer.write(new TextEncoder().encode(text))
    await writer.close()
  }
  await append("one")
  // The begin of a frame that a writer is about to write differently.
  const before = files.files.get(segment) ?? new Uint8Array()
  files.files.set(segment, Uint8Array.from([...before, ...new TextEncoder().encode("BMFR....")]))
  const reader = await openFsLog("/log", { fileLayer: files, mode: "read" })
  const follower = reader.replay({ follow: true, limit: 2 })
  const read = Array.fromAsync(follower)
  expect((await Array.fromAsync(reader.replay())).length).toBe(1)
  await append("two")
  expect((await read).map(({ data }) => new TextDecoder().decode(data))).toEqual(["one", "two"])
  await reader.close()
  await log.close()
})

test("a replay that can not begin leaves no file open", async () => {
  const files = new MemoryFileLayer()
  await build(files)
  let [open, failing] = [0, ""]
  const error = Object.assign(new Error("input/output error"), { code: "EIO" })
  const fileLayer = faultLayer(files, ({ name, path }) => {
    if (failing !== "" && `${name} ${path}`.endsWith(failing)) return { type: "error", error }
    if (name === "open") open++
    if (name === "close") open--
    return undefined
  })
  await using log = await openFsLog("/log", { fileLayer, mode: "read" })
  for (failing of ["open /log/00000000000000000000.index", "size /log/00000000000000000000.log"]) {
    await expect(readOut(log, false)).rejects.toMatchObject({ code: "READ_FAILED", cause: error })
    expect(open, failing).toBe(0)
  }
})
