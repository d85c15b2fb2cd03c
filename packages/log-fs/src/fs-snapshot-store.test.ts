import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { restoreSnapshot, toOffset } from "@bellmouth/log"
import { expect, onTestFinished, test } from "vitest"
import type { FileLayer } from "./files/file-layer.ts"
import { createFsSnapshotStore } from "./fs-snapshot-store.ts"
import { openFsLog } from "./open-fs-log.ts"
import { faultLayer } from "./testing/fault-layer.ts"
import { fileError, MemoryFileLayer } from "./testing/memory-file-layer.ts"

const codec = {
  encode: (state: string) => new TextEncoder().encode(state),
  decode: (bytes: Uint8Array) => new TextDecoder("utf-8", { fatal: true }).decode(bytes),
}
const storeOn = (fileLayer: FileLayer, keep = 2) =>
  createFsSnapshotStore<string>("/snapshots", { ...codec, fileLayer, keep })
const snapshotOf = (n: number) => ({ log: "an id", offset: toOffset(n), state: `state ${n}` })

test("the latest snapshot is there when the store is opened again, on a real disk", async () => {
  const directory = await mkdtemp(join(tmpdir(), "bellmouth-snapshots-"))
  onTestFinished(() => rm(directory, { recursive: true }))
  const path = join(directory, "a", "b")
  expect(await createFsSnapshotStore(path, codec).load()).toBeUndefined()
  await createFsSnapshotStore(path, codec).save(snapshotOf(3))
  await createFsSnapshotStore(path, codec).save(snapshotOf(5))
  expect(await createFsSnapshotStore(path, codec).load()).toEqual(snapshotOf(5))
})

test("the last saved counts, also with a lower offset, and the last k stay", async () => {
  const fileLayer = new MemoryFileLayer()
  const store = storeOn(fileLayer, 3)
  await Promise.all([9, 7, 8, 1, 2].map((n) => store.save(snapshotOf(n))))
  expect(await store.load()).toEqual(snapshotOf(2))
  expect(fileLayer.files.size).toBe(3)
})

test("a snapshot with any bit flipped, or cut anywhere, is skipped and told, never served", async () => {
  const { files } = new MemoryFileLayer()
  const whole = new MemoryFileLayer(files)
  await storeOn(whole).save(snapshotOf(1))
  await storeOn(whole).save(snapshotOf(2))
  const path = [...whole.files.keys()].sort().at(-1) ?? ""
  const bytes = whole.files.get(path) ?? new Uint8Array()
  const damaged = [
    ...Array.from({ length: bytes.length * 8 }, (_, bit) => {
      const flipped = bytes.slice()
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      return flipped
    }),
    ...Array.from(bytes, (_, length) => bytes.slice(0, length)),
  ]
  for (const content of damaged) {
    const fileLayer = new MemoryFileLayer(whole.files)
    fileLayer.files.set(path, content)
    const store = storeOn(fileLayer)
    expect(await store.load()).toEqual(snapshotOf(1))
    expect(store.skipped).toMatchObject([{ path }])
  }
  expect(damaged.length).toBeGreaterThan(300)
})

test("what is whole is not given up for what is damaged", async () => {
  const fileLayer = new MemoryFileLayer()
  const store = storeOn(fileLayer, 2)
  for (const n of [1, 2, 3]) await store.save(snapshotOf(n))
  const path = [...fileLayer.files.keys()].sort().at(-1) ?? ""
  fileLayer.files.set(path, new Uint8Array(5))
  expect(await store.load()).toEqual(snapshotOf(2))
  await store.save(snapshotOf(4))
  expect([...fileLayer.files.keys()].length).toBe(3)
  await store.save(snapshotOf(5))
  expect(await store.load()).toEqual(snapshotOf(5))
  expect([...fileLayer.files.keys()].includes(path)).toBe(false)
})

test("a snapshot under the name of another, and one that can not be decoded, are skipped", async () => {
  const fileLayer = new MemoryFileLayer()
  await storeOn(fileLayer, 9).save(snapshotOf(1))
  const [first = ""] = fileLayer.files.keys()
  fileLayer.files.set(
    first.replace("1.snap", "7.snap"),
    fileLayer.files.get(first) ?? new Uint8Array(),
  )
  const store = storeOn(fileLayer, 9)
  expect(await store.load()).toEqual(snapshotOf(1))
  expect(store.skipped[0]?.reason).toBe("it is snapshot 1 under the name of 7")
  const bytes = createFsSnapshotStore<Uint8Array>("/snapshots", {
    fileLayer,
    keep: 9,
    encode: (state) => state,
    decode: (state) => state,
  })
  await bytes.save({ log: "an id", offset: toOffset(9), state: new Uint8Array([0xff]) })
  expect(await store.load()).toEqual(snapshotOf(1))
})

test("a save that fails anywhere leaves the one before, or is there", async () => {
  let failed = 0
  for (let nth = 0; ; nth++) {
    const inner = new MemoryFileLayer()
    await storeOn(inner).save(snapshotOf(1))
    let count = 0
    const fileLayer = faultLayer(inner, ({ name, path, byteLength }) => {
      if (count++ < nth) return undefined
      const error = fileError("EIO", path)
      return name === "write"
        ? { type: "torn", byteLength: byteLength >> 1, error }
        : { type: "error", error }
    })
    const error = await storeOn(fileLayer)
      .save(snapshotOf(2))
      .catch((cause: unknown) => cause)
    const left = await storeOn(inner).load()
    expect([1, 2]).toContain(left?.offset)
    expect(left).toEqual(snapshotOf(left?.offset ?? 0))
    await storeOn(inner).save(snapshotOf(3))
    expect(await storeOn(inner).load()).toEqual(snapshotOf(3))
    if (error === undefined) {
      expect(left).toEqual(snapshotOf(2))
      break
    }
    failed++
  }
  expect(failed).toBeGreaterThan(7)
})

test("a projection goes on from the store, and a store of another log is not used", async () => {
  const fileLayer = new MemoryFileLayer()
  const store = storeOn(fileLayer)
  const reducer = (state: string, { offset }: { offset: number }): string => `${state},${offset}`
  for (const directory of ["/one", "/two"]) {
    await using log = await openFsLog(directory, { fileLayer })
    for (let round = 1; round <= 3; round++) {
      const writer = log.writable().getWriter()
      void writer.write(new Uint8Array(1))
      await writer.close()
      const { state } = await restoreSnapshot(log, { reducer, initial: "", store })
      expect(state).toBe(",0,1,2".slice(0, round * 2))
    }
  }
})

test("keep is a whole number from 1 on", () => {
  for (const keep of [0, -1, 1.5, Number.NaN]) {
    expect(() => storeOn(new MemoryFileLayer(), keep)).toThrow(RangeError)
  }
})

test("a snapshot that is removed while it is looked for is not missed: there is a later one", async () => {
  const files = new MemoryFileLayer()
  const saver = storeOn(files, 1)
  await saver.save(snapshotOf(1))
  let saves = 0
  const fileLayer: FileLayer = {
    ...faultLayer(files, () => undefined),
    async list(directory) {
      const names = await files.list(directory)
      if (saves++ < 3) await saver.save(snapshotOf(1 + saves))
      return names
    },
  }
  const loader = storeOn(fileLayer, 1)
  expect(await loader.load()).toEqual(snapshotOf(4))
})
