import { LogError } from "@bellmouth/log"
import { expect, test } from "vitest"
import type { FileLayer, LayerFile } from "../files/file-layer.ts"
import { openFsLog } from "../open-fs-log.ts"
import { faultLayer } from "../testing/fault-layer.ts"
import { MemoryFileLayer } from "../testing/memory-file-layer.ts"
import { lockText } from "./lock-holder.ts"

const LOCK = "/log/lock"
const TAKEOVER = "/log/lock.takeover"
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** A lock text of a process that nobody can have: of another host, or of an earlier run of this machine. */
function textOf(change: { readonly host?: string; readonly boot?: string }): Uint8Array {
  return bytes(JSON.stringify({ ...JSON.parse(lockText(0)), ...change }))
}

test.each([
  ["of a writer that has died", textOf({ boot: "an earlier one" })],
  ["of which nobody can tell whether it lives", textOf({ host: "elsewhere" })],
  ["that nobody has written", bytes("{}")],
])("a takeover file %s does not keep the lock of who closes its log", async (_, takeover) => {
  const fileLayer = new MemoryFileLayer()
  const log = await openFsLog("/log", { fileLayer })
  fileLayer.files.set(TAKEOVER, takeover)
  await log.close()
  expect(fileLayer.files.has(LOCK)).toBe(false)
  await using again = await openFsLog("/log", { fileLayer })
  expect(await again.tail()).toBe(0)
})

test("who closes its log waits for another that is just looking at a lock", async () => {
  const files = new MemoryFileLayer()
  let claims = 0
  const fileLayer = faultLayer(files, ({ name, path }) => {
    // The other goes when this one has tried three times.
    if (name === "claim" && path === TAKEOVER && ++claims === 4) files.files.delete(TAKEOVER)
    return undefined
  })
  const log = await openFsLog("/log", { fileLayer })
  files.files.set(TAKEOVER, bytes(lockText(0)))
  await log.close()
  expect([claims, files.files.has(LOCK), files.files.has(TAKEOVER)]).toEqual([4, false, false])
})

test("a writer that can not open the log, or go on in it, leaves no file open", async () => {
  const files = new MemoryFileLayer()
  const open = new Set<LayerFile>()
  const ends = new Set<string>()
  let [takeAt, looks] = [0, 0]
  const fileLayer: FileLayer = {
    ...faultLayer(files, () => undefined),
    async open(path, mode) {
      const file = await files.open(path, mode)
      const close = file.close.bind(file)
      open.add(file)
      return Object.assign(file, { close: () => (open.delete(file), close()) })
    },
    readText(path) {
      // Another takes the lock just before it is looked at.
      if (path === LOCK && ++looks === takeAt) files.files.set(LOCK, textOf({ host: "elsewhere" }))
      return files.readText(path)
    },
  }
  const used = async (): Promise<void> => {
    const log = await openFsLog("/log", { fileLayer, segmentBytes: 100, takeOver: true })
    const writer = log.writable().getWriter()
    writer.closed.catch(() => {})
    for (let n = 0; n < 3; n++) writer.write(new Uint8Array(60)).catch(() => {})
    await Promise.allSettled([writer.close()])
    await log.close()
  }
  for (takeAt = 1; takeAt < 30; takeAt++) {
    looks = 0
    const use = await used().catch((error: unknown) => error)
    ends.add(use instanceof LogError ? use.code : "done")
    expect(open.size, `taken at look ${takeAt}`).toBe(0)
    files.files.delete(LOCK)
  }
  expect([...ends].toSorted()).toEqual(["FENCED", "done"])
})

test("an opener is FENCED when another has taken the lock, and what it was making, away", async () => {
  const files = new MemoryFileLayer()
  await (await openFsLog("/log", { fileLayer: files })).close()
  const fileLayer = faultLayer(files, ({ name, path }) => {
    if (name !== "rename" || !path.startsWith("/log/tail")) return undefined
    files.files.set(LOCK, textOf({ host: "elsewhere" }))
    for (const path of files.files.keys()) {
      if (/^\/log\/tail\..*tmp$/.test(path)) files.files.delete(path)
    }
    return undefined
  })
  await expect(openFsLog("/log", { fileLayer })).rejects.toMatchObject({ code: "FENCED" })
})

test("a lock that a dead process was making is removed; that of another may still be needed", async () => {
  const fileLayer = new MemoryFileLayer()
  await (await openFsLog("/log", { fileLayer })).close()
  const drafts = {
    "lock.1-a.tmp": textOf({ boot: "an earlier one" }),
    "lock.takeover.1-b.tmp": textOf({ boot: "an earlier one" }),
    "lock.1-c.tmp": bytes(lockText(7)),
    "lock.1-d.tmp": textOf({ host: "elsewhere" }),
    "lock.1-e.tmp": bytes(""),
  }
  for (const [name, text] of Object.entries(drafts)) fileLayer.files.set(`/log/${name}`, text)
  await (await openFsLog("/log", { fileLayer })).close()
  const left = [...fileLayer.files.keys()].filter((path) => path.endsWith(".tmp"))
  expect(left).toEqual(["/log/lock.1-c.tmp", "/log/lock.1-d.tmp", "/log/lock.1-e.tmp"])
})

test("a takeover file that stays is what an opener is told of", async () => {
  const fileLayer = new MemoryFileLayer()
  await (await openFsLog("/log", { fileLayer })).close()
  fileLayer.files.set(LOCK, textOf({ boot: "an earlier one" }))
  fileLayer.files.set(TAKEOVER, textOf({ host: "elsewhere" }))
  const opening = openFsLog("/log", { fileLayer })
  await expect(opening).rejects.toMatchObject({ code: "LOCKED", path: TAKEOVER })
  await expect(openFsLog("/log", { fileLayer })).rejects.toThrow(/remove \/log\/lock.takeover/)
  fileLayer.files.delete(TAKEOVER)
  await (await openFsLog("/log", { fileLayer })).close()
})

test("an epoch that a writer had when it died is nobody's after it, and its file goes in the end", async () => {
  const fileLayer = new MemoryFileLayer()
  const epochFiles = (): string[] =>
    [...fileLayer.files.keys()].filter((path) => /lock\./.test(path))
  const epochs: number[] = []
  const use = async (): Promise<void> => {
    const log = await openFsLog("/log", { fileLayer })
    epochs.push(JSON.parse(new TextDecoder().decode(fileLayer.files.get(LOCK))).epoch)
    await log.close()
  }
  await use()
  expect(epochFiles()).toEqual([])
  // One has died before it said anywhere else that it was there, and its lock was removed by hand.
  fileLayer.files.set("/log/lock.2", bytes(""))
  await use()
  await use()
  await use()
  expect(epochs).toEqual([1, 3, 4, 5])
  expect(epochFiles()).toEqual([])
})

test("who can not have the lock, or open the log, leaves no epoch behind", async () => {
  const files = new MemoryFileLayer()
  const log = await openFsLog("/log", { fileLayer: files })
  const names = [...files.files.keys()].toSorted()
  const opening = openFsLog("/log", { fileLayer: files })
  await expect(opening).rejects.toMatchObject({ code: "LOCKED" })
  expect([...files.files.keys()].toSorted()).toEqual(names)
  await log.close()
  for (const path of [LOCK, "/log/tail"]) {
    let isClaimed = false
    const fileLayer = faultLayer(files, ({ name, path: at }) => {
      isClaimed ||= name === "claim"
      return isClaimed && at === path ? { type: "error", error: new Error("EIO") } : undefined
    })
    await expect(openFsLog("/log", { fileLayer })).rejects.toThrow("EIO")
    expect(isClaimed).toBe(true)
    expect([...files.files.keys()].filter((each) => each.startsWith("/log/lock."))).toEqual([])
  }
})
