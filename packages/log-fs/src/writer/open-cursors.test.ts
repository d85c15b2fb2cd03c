import { expect, test } from "vitest"
import type { SegmentSource } from "../segments/segment-cursor.ts"
import { MemoryFileLayer } from "../testing/memory-file-layer.ts"
import { OpenCursors } from "./open-cursors.ts"

const source: SegmentSource = {
  layer: new MemoryFileLayer(),
  directory: "/log",
  logId: new Uint8Array(16),
  seed: 0,
  tailAfter: async () => 0,
  bases: async () => [],
  end: () => undefined,
  index: async () => undefined,
}

test("the first offset that is still to be read is that of the slowest, however many there are", async () => {
  const cursors = new OpenCursors()
  expect(cursors.needed).toBe(Number.POSITIVE_INFINITY)
  const slowest = cursors.open(source, 7, false)
  for (let n = 0; n < 200_000; n++) cursors.open(source, 8 + n, false)
  expect(cursors.needed).toBe(7)
  await slowest.close()
  expect(cursors.needed).toBe(8)
})
