import { expect, test } from "vitest"
import type { FileLayer } from "../files/file-layer.ts"
import { openFsLog } from "../open-fs-log.ts"
import { faultLayer } from "../testing/fault-layer.ts"
import { MemoryFileLayer } from "../testing/memory-file-layer.ts"

/** A place where a writer waits until it is let go. */
function stop() {
  const reached = Promise.withResolvers<void>()
  const go = Promise.withResolvers<void>()
  const wait = (): Promise<void> => {
    reached.resolve()
    return go.promise
  }
  return { reached: reached.promise, go: go.resolve, wait }
}

const isTail = (path: string): boolean => path.startsWith("/log/tail")

test("who is fenced while it gives a file its name does not take that which another is making", async () => {
  const files = new MemoryFileLayer()
  const plain = faultLayer(files, () => undefined)
  await (await openFsLog("/log", { fileLayer: files })).close()
  const [naming, making] = [stop(), stop()]
  const slowNaming: FileLayer = {
    ...plain,
    async rename(from, to) {
      if (isTail(to)) await naming.wait()
      return files.rename(from, to)
    },
  }
  const slowMaking: FileLayer = {
    ...plain,
    async open(path, mode) {
      const file = await files.open(path, mode)
      if (mode === "create" && isTail(path)) await making.wait()
      return file
    },
  }
  const first = openFsLog("/log", { fileLayer: slowNaming })
  await naming.reached
  const second = openFsLog("/log", { fileLayer: slowMaking, takeOver: true })
  await making.reached
  naming.go()
  await expect(first).rejects.toMatchObject({ code: "FENCED" })
  making.go()
  await using log = await second
  expect(await log.appendBatch(new Uint8Array(3))).toMatchObject({ offset: 0 })
})

test("who opens a log, and is fenced, is not told that it is damaged", async () => {
  const files = new MemoryFileLayer()
  const plain = faultLayer(files, () => undefined)
  const looking = stop()
  let looks = 0
  const slow: FileLayer = {
    ...plain,
    async list(directory) {
      const names = await files.list(directory)
      // There is no segment yet; when the tail file is read, there are records.
      if (++looks === 4) await looking.wait()
      return names
    },
  }
  const first = openFsLog("/log", { fileLayer: slow })
  await looking.reached
  await using log = await openFsLog("/log", { fileLayer: files, takeOver: true })
  await log.appendBatch(new Uint8Array(3))
  looking.go()
  await expect(first).rejects.toMatchObject({ code: "FENCED" })
})

test("of three who take a new log from one another at once each has an epoch of its own", async () => {
  const files = new MemoryFileLayer()
  const plain = faultLayer(files, () => undefined)
  const lock = "/log/lock"
  const epochs: number[] = []
  /** A layer that stops before a step, and notes the epoch of the lock that was made through it. */
  const stopping = (isStep: (name: string, path: string) => boolean) => {
    const step = stop()
    let isReached = false
    const before = async (name: string, path: string): Promise<void> => {
      if (isReached || !isStep(name, path)) return
      isReached = true
      await step.wait()
    }
    const fileLayer: FileLayer = {
      ...plain,
      async claim(path, content) {
        await before("claim", path)
        const isClaimed = await files.claim(path, content)
        if (path === lock && isClaimed) epochs.push(JSON.parse(String(content)).epoch)
        return isClaimed
      },
      async open(path, mode) {
        const file = await files.open(path, mode)
        await before(mode, path)
        return file
      },
    }
    return { ...step, fileLayer }
  }
  const first = stopping((name, path) => name === "create" && isTail(path))
  const late = stopping((name, path) => name === "claim" && path === lock)
  let claims = 0
  const second = stopping((name, path) => name === "claim" && path === lock && ++claims === 2)
  const making = stopping((name, path) => name === "create" && isTail(path))
  // The first is stopped when it has the lock, and nothing else says so.
  const opening = openFsLog("/log", { fileLayer: first.fileLayer })
  await first.reached
  // The late one has seen that there is no log yet; the second has just removed the lock of the first.
  const lateLayer: FileLayer = { ...making.fileLayer, claim: late.fileLayer.claim }
  const lateOpening = openFsLog("/log", { fileLayer: lateLayer, takeOver: true })
  await late.reached
  const taking = openFsLog("/log", { fileLayer: second.fileLayer, takeOver: true })
  await second.reached
  late.go()
  await making.reached
  first.go()
  await expect(opening).rejects.toMatchObject({ code: "FENCED" })
  making.go()
  const log = await lateOpening
  expect(await log.appendBatch(new Uint8Array(3))).toMatchObject({ offset: 0 })
  second.go()
  await using last = await taking
  await expect(log.appendBatch(new Uint8Array(3))).rejects.toMatchObject({ code: "FENCED" })
  await log.close()
  expect(await last.tail()).toBe(1)
  expect(new Set(epochs).size).toBe(3)
  expect(epochs).toEqual(epochs.toSorted((left, right) => left - right))
})

test("who is fenced while it makes a new log does not hide what another has stored in it", async () => {
  const files = new MemoryFileLayer()
  const making = stop()
  const slow: FileLayer = {
    ...faultLayer(files, () => undefined),
    async open(path, mode) {
      if (mode === "create" && isTail(path)) await making.wait()
      return files.open(path, mode)
    },
  }
  const first = openFsLog("/log", { fileLayer: slow })
  await making.reached
  await using log = await openFsLog("/log", { fileLayer: files, takeOver: true })
  await log.appendBatch(new Uint8Array(3))
  making.go()
  await expect(first).rejects.toMatchObject({ code: "FENCED" })
  await using reader = await openFsLog("/log", { fileLayer: files, mode: "read" })
  expect([await reader.tail(), reader.id]).toEqual([1, log.id])
})

test("who opens a log, and is fenced, does not remove what another is making", async () => {
  const files = new MemoryFileLayer()
  const plain = faultLayer(files, () => undefined)
  await (await openFsLog("/log", { fileLayer: files })).close()
  const [reading, naming] = [stop(), stop()]
  let looks = 0
  const slowReading: FileLayer = {
    ...plain,
    async list(directory) {
      // What writers have left is looked for, once the lock is held.
      if (++looks === 3) await reading.wait()
      return files.list(directory)
    },
  }
  const slowNaming: FileLayer = {
    ...plain,
    async rename(from, to) {
      if (isTail(to)) await naming.wait()
      return files.rename(from, to)
    },
  }
  const first = openFsLog("/log", { fileLayer: slowReading })
  await reading.reached
  const second = openFsLog("/log", { fileLayer: slowNaming, takeOver: true })
  await naming.reached
  reading.go()
  await expect(first).rejects.toMatchObject({ code: "FENCED" })
  naming.go()
  await using log = await second
  expect(await log.appendBatch(new Uint8Array(3))).toMatchObject({ offset: 0 })
})
