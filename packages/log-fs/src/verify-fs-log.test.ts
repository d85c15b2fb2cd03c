import { toOffset } from "@bellmouth/log"
import { expect, test } from "vitest"
import { openFsLog } from "./open-fs-log.ts"
import { MemoryFileLayer } from "./testing/memory-file-layer.ts"
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
