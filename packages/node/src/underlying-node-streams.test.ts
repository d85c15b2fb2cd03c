import { PassThrough, Writable } from "node:stream"
import { expect, test } from "vitest"
import { UnderlyingNodeStreams } from "./underlying-node-streams.ts"

/** One that takes what it is given at once, or never. */
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
  const underlying = new UnderlyingNodeStreams(new PassThrough(), writable, ends)
  void underlying.start({
    enqueue: () => {},
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
  return { sizes, fill, drains: () => drains }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

test("More leaves in one call where the system takes all at once", async () => {
  const { fill, sizes, drains } = open(true)
  for (const bytes of [65_536, 262_144, 262_144]) {
    expect(fill()).toBe(bytes)
    await turn()
  }
  expect(sizes).toEqual([65_536, 262_144, 262_144])
  expect(drains()).toBe(3)
})

test("What the system does not take holds no more than the writable's own limit", async () => {
  const { fill, sizes, drains } = open(false)
  expect(fill()).toBe(65_536)
  await turn()
  expect(fill()).toBe(32_768)
  expect([sizes, drains()]).toEqual([[65_536], 0])
})
