import { PassThrough, Writable } from "node:stream"
import { expect, test } from "vitest"
import { UnderlyingNodeStreams } from "./underlying-node-streams.ts"

/** One that takes what it is given at once, or never, and answers each chunk by 4 bytes. */
function open(takes: boolean) {
  const sizes: number[] = []
  let drains = 0
  const writable = new Writable({
    highWaterMark: 65_536,
    writev(chunks, done) {
      sizes.push(chunks.reduce((sum, { chunk }) => sum + chunk.length, 0))
      if (takes) done()
    },
  })
  const ends = { abort: () => {}, release: () => {} }
  const readable = new PassThrough({ highWaterMark: 65_536 })
  const underlying = new UnderlyingNodeStreams(readable, writable, ends)
  void underlying.start({
    enqueue: () => void underlying.write(new Uint8Array(4)),
    drain: () => void drains++,
    close: () => {},
    errorWritable: () => {},
    error: () => {},
  })
  const fill = (): number => {
    let bytes = 0
    do bytes += 32_768
    while (underlying.write(new Uint8Array(32_768)))
    return bytes
  }
  return { readable, sizes, fill, drains: () => drains }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

test("More leaves in one call where the system takes all at once, one call in a turn of the loop", async () => {
  const { fill, sizes, drains } = open(true)
  for (const [calls, bytes] of [65_536, 262_144, 262_144].entries()) {
    expect(fill()).toBe(bytes)
    await turn()
    expect(drains()).toBe(calls)
    await turn()
    expect(drains()).toBe(calls + 1)
  }
  expect(sizes).toEqual([65_536, 262_144, 262_144])
})

test.each([
  { bytes: 16_384, expected: [8] },
  { bytes: 16_383, expected: [4, 4] },
])("Two answers to $bytes bytes each leave in calls of $expected", async ({ bytes, expected }) => {
  const { readable, sizes } = open(true)
  await turn()
  for (let count = 0; count < 2; count++) {
    readable.push(new Uint8Array(bytes))
    for (let ticks = 0; ticks < 4; ticks++) await new Promise(process.nextTick)
  }
  await turn()
  await turn()
  expect(sizes).toEqual(expected)
})

test("What the system does not take holds no more than the writable's own limit", async () => {
  const { fill, sizes, drains } = open(false)
  expect(fill()).toBe(65_536)
  await turn()
  expect(fill()).toBe(32_768)
  expect([sizes, drains()]).toEqual([[65_536], 0])
})
