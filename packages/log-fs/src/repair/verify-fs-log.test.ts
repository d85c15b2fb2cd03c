import { type Ack, toOffset } from "@bellmouth/log"
import { expect, test } from "vitest"
import type { FileLayer } from "../files/file-layer.ts"
import { type FsLog, openFsLog } from "../open-fs-log.ts"
import { faultLayer } from "../testing/fault-layer.ts"
import { MemoryFileLayer } from "../testing/memory-file-layer.ts"
import { repairFsLog } from "./repair-fs-log.ts"
import { verifyFsLog } from "./verify-fs-log.ts"

const nameOf = (base: number): string => `/log/${String(base).padStart(20, "0")}.log`

async function build(segmentBytes = 200): Promise<MemoryFileLayer> {
  const fileLayer = new MemoryFileLayer()
  const log = await openFsLog("/log", { fileLayer, segmentBytes })
  for (let n = 0; n < 12; n++) {
    const writer = log.writable().getWriter()
    void writer.write(new TextEncoder().encode(`record ${n}`))
    await writer.close()
  }
  await log.close()
  return fileLayer
}

test("a log that is whole has no damage, and its segments hold all records", async () => {
  const fileLayer = await build()
  const report = await verifyFsLog("/log", { fileLayer })
  expect(report).toMatchObject({ start: 0, tail: 12, damages: [] })
  expect(report.segments.length).toBeGreaterThan(3)
  expect(report.segments.reduce((sum, { records }) => sum + records, 0)).toBe(12)
  const log = await openFsLog("/log", { fileLayer, segmentBytes: 200 })
  expect(report.id).toBe(log.id)
  await log.trim(toOffset(7))
  expect(await verifyFsLog("/log", { fileLayer })).toMatchObject({ start: 7, damages: [] })
  await log.close()
})

test("every flipped bit of every segment is told, with its file, and nothing is changed", async () => {
  const { files } = await build(600)
  let flips = 0
  let segments = 0
  for (const [path, bytes] of files) {
    if (!path.endsWith(".log")) continue
    segments++
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const fileLayer = new MemoryFileLayer(files)
      const file = fileLayer.files.get(path) ?? new Uint8Array()
      file[bit >> 3] = (file[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      const { damages } = await verifyFsLog("/log", { fileLayer })
      if (damages[0]?.path !== path)
        expect.fail(`bit ${bit} of ${path}: ${JSON.stringify(damages)}`)
      flips++
    }
  }
  expect(flips).toBeGreaterThan(5_000)
  expect(segments).toBeGreaterThan(1)
}, 60_000)

test("all damages are told, each in its segment", async () => {
  const fileLayer = await build()
  const before = await verifyFsLog("/log", { fileLayer })
  const [first, second, third, fourth] = before.segments
  const damaged = fileLayer.files.get(second?.path ?? "") ?? new Uint8Array()
  damaged[70] = (damaged[70] ?? 0) ^ 8
  fileLayer.files.delete(fourth?.path ?? "")
  const report = await verifyFsLog("/log", { fileLayer })
  expect(report.damages).toMatchObject([
    { path: second?.path, position: 64, offset: second?.base },
    { path: third?.path, offset: fourth?.base },
  ])
  expect(report.segments[0]).toEqual(first)
})

test("segments that are missing at the begin or the end are told", async () => {
  const whole = await build()
  const { segments } = await verifyFsLog("/log", { fileLayer: whole })
  const cases = [
    [0, { path: "/log", offset: 0 }],
    [segments.at(-1)?.base ?? 0, { offset: segments.at(-1)?.base }],
  ] as const
  for (const [base, damage] of cases) {
    const fileLayer = new MemoryFileLayer(whole.files)
    fileLayer.files.delete(nameOf(base))
    expect((await verifyFsLog("/log", { fileLayer })).damages).toMatchObject([damage])
  }
})

test("what is no log is NOT_A_LOG", async () => {
  const opened = verifyFsLog("/log", { fileLayer: new MemoryFileLayer() })
  await expect(opened).rejects.toMatchObject({ code: "NOT_A_LOG" })
})

/** Looks at a log whose writer does something when the directory is listed, or a segment is opened. */
async function verifiedBeside(when: "list" | "open", act: (log: FsLog) => Promise<void>) {
  const files = await build()
  const log = await openFsLog("/log", { fileLayer: files, segmentBytes: 200 })
  let calls = 0
  const beside = async (name: string, path: string): Promise<void> => {
    if (name === when && !path.endsWith("tail") && ++calls === 2) await act(log)
  }
  const fileLayer: FileLayer = {
    ...faultLayer(files, () => undefined),
    async list(directory) {
      const names = await files.list(directory)
      await beside("list", directory)
      return names
    },
    async open(path, mode) {
      await beside("open", path)
      return files.open(path, mode)
    },
  }
  const report = await verifyFsLog("/log", { fileLayer })
  expect(calls).toBeGreaterThan(1)
  await log.close()
  return report
}

test("what a writer does meanwhile is no damage", async () => {
  const grow = async (log: FsLog): Promise<void> => {
    for (let n = 0; n < 9; n++) {
      const writer = log.writable().getWriter()
      void writer.write(new Uint8Array(50))
      await writer.close()
    }
  }
  const trim = async (log: FsLog): Promise<void> => log.trim(await log.tail())
  for (const when of ["list", "open"] as const) {
    const grown = await verifiedBeside(when, grow)
    expect(grown, when).toMatchObject({ start: 0, tail: 12, damages: [] })
    expect(grown.segments.reduce((sum, { records }) => sum + records, 0)).toBe(12)
    for (const act of [trim, async (log: FsLog) => (await grow(log), trim(log))]) {
      expect(await verifiedBeside(when, act), when).toMatchObject({ tail: 12, damages: [] })
    }
  }
})

test("a seal that is none is told", async () => {
  const files = await build()
  const log = await openFsLog("/log", { fileLayer: files })
  await log.seal()
  await log.close()
  expect((await verifyFsLog("/log", { fileLayer: files })).damages).toEqual([])
  const seal = files.files.get("/log/sealed") ?? new Uint8Array()
  seal[9] = 1
  const { damages } = await verifyFsLog("/log", { fileLayer: files })
  expect(damages).toMatchObject([{ path: "/log/sealed", offset: 12 }])
})

test("producers that nothing tells any more are told, and repaired without them", async () => {
  const name = "/log/00000000000000000012.state"
  const send = async (log: FsLog, sequence: number): Promise<Ack | undefined> => {
    const { readable, writable } = log.append({ producer: { id: "p", epoch: 0, sequence } })
    void writable
      .getWriter()
      .write(new Uint8Array(1))
      .catch(() => {})
    return (await readable.getReader().read()).value
  }
  for (const how of ["damaged", "missing"]) {
    const fileLayer = await build()
    const log = await openFsLog("/log", { fileLayer, segmentBytes: 65 })
    await send(log, 0)
    await send(log, 1)
    await log.trim(toOffset(13))
    await log.close()
    const path = name.replace("12", "13")
    const state = fileLayer.files.get(path)
    if (how === "missing") fileLayer.files.delete(path)
    else if (state !== undefined) state[20] = 0
    expect(state).toBeDefined()
    await expect(openFsLog("/log", { fileLayer })).rejects.toMatchObject({ code: "CORRUPT", path })
    const { damages } = await verifyFsLog("/log", { fileLayer })
    expect(damages, how).toMatchObject([{ path, offset: 13 }])
    const report = await repairFsLog("/log", { fileLayer })
    expect(report).toMatchObject({ outcome: "repaired", lost: [], start: 13, tail: 14 })
    const kept = how === "damaged" ? [`${path}.broken`] : []
    expect(report.keptAs).toEqual([...kept, "/log/repair.json"])
    expect((await repairFsLog("/log", { fileLayer })).outcome).toBe("whole")
    expect((await verifyFsLog("/log", { fileLayer })).damages).toEqual([])
    await using again = await openFsLog("/log", { fileLayer })
    expect(await send(again, 1)).toMatchObject({ offset: 13, repeated: true })
    expect(await again.tail()).toBe(14)
  }
})
