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
