import { expect, test } from "vitest"
import { encodeFrame } from "../frames/frame.ts"
import { openFsLog } from "../open-fs-log.ts"
import { idSeed } from "../segments/log-id.ts"
import { decodeSegmentHeader, SEGMENT_HEADER_BYTES } from "../segments/segment-header.ts"
import { MemoryFileLayer } from "../testing/memory-file-layer.ts"
import { repairFsLog } from "./repair-fs-log.ts"

const FRAMES = 300_000

test("a repair tells of more damages than a call takes arguments", async () => {
  const fileLayer = new MemoryFileLayer()
  await (await openFsLog("/log", { fileLayer })).close()
  const path = "/log/00000000000000000000.log"
  const head = fileLayer.files.get(path) ?? new Uint8Array()
  const { header } = decodeSegmentHeader(head) as { header: { id: Uint8Array } }
  const run = {
    framing: "lines",
    batches: 1,
    count: 1,
    byteLength: 2,
    producer: undefined,
  } as const
  const parts = [head.subarray(0, SEGMENT_HEADER_BYTES)]
  let previous = 0
  for (let offset = 0; offset < FRAMES; offset++) {
    const bytes = Uint8Array.of(97, 10)
    const frame = encodeFrame(
      { runs: [run], count: 1, bytes },
      { offset, previous },
      idSeed(header.id),
    )
    previous = frame.crc
    // Every second record has another byte than was stored.
    if (offset % 2 === 1) bytes[0] = 98
    parts.push(frame.head, bytes)
  }
  fileLayer.files.set(path, Buffer.concat(parts))
  const { damages } = await repairFsLog("/log", { fileLayer, dryRun: true })
  expect(damages.length).toBeGreaterThanOrEqual(FRAMES / 2 - 1)
})
