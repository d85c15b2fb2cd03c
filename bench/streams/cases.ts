import { compose, forEach, pipe } from "@bellmouth/core"
import { type Job, measure } from "../harness/measure.ts"
import type { Row } from "../harness/row.ts"
import {
  foreign,
  iterateAll,
  nativeStage,
  ourAsyncStage,
  ourStage,
  own,
  readAll,
  several,
  through,
} from "./chains.ts"

const native8: Job = (count) => readAll(through(foreign(count), several(nativeStage, 8)))

function piped(stages: number): Job {
  return (count) => readAll(pipe(foreign(count), ...several(ourStage, stages)))
}

function chained(stages: number): Job {
  return (count) => readAll(through(foreign(count), several(ourStage, stages)))
}

/** The cases that every runtime runs, one row after the other. */
export async function* streamCases(): AsyncGenerator<Row> {
  const [nativeNs = 0, pipeNs = 0, chainNs = 0, oneNs = 0, ownNs = 0] = await measure([
    native8,
    piped(8),
    chained(8),
    chained(1),
    (count) => iterateAll(through(own(count), several(ourStage, 8))),
  ])
  const against = "8 native TransformStreams"
  yield {
    name: `foreign source, 8 stages by pipe(), read: against ${against}`,
    value: nativeNs / pipeNs,
    unit: "x",
    floor: 9,
    aim: 14,
  }
  yield {
    name: `the same by .pipeThrough(stage): against ${against}`,
    value: nativeNs / chainNs,
    unit: "x",
    floor: 5,
    aim: 14,
  }
  yield {
    name: "foreign source, 8 fused stages: of the time of one",
    value: chainNs / oneNs,
    unit: "of",
    floor: 1.5,
    aim: 1.1,
  }
  yield {
    name: `own source, 8 stages, for await: against ${against}`,
    value: nativeNs / ownNs,
    unit: "x",
    floor: 28,
    aim: 50,
  }
  const [loop1 = 0, loop9 = 0] = await measure([loop(1), loop(9)])
  yield { name: "one more fused stage", value: (loop9 - loop1) / 8, unit: "ns", floor: 15, aim: 6 }
  const [asyncNs = 0, asyncNativeNs = 0] = await measure([
    (count) => readAll(through(foreign(count), several(ourAsyncStage, 4))),
    (count) => readAll(through(foreign(count), several(nativeStage, 4))),
  ])
  yield {
    name: "our engine for async stages, a hop: of the native time",
    value: asyncNs / asyncNativeNs,
    unit: "of",
    floor: 1.2,
    aim: 1,
  }
  const [build1 = 0, build8 = 0] = await measure([build(1), build(8)])
  yield {
    name: "building 8 composed stages: of building one",
    value: build8 / build1,
    unit: "of",
    floor: 2,
  }
}

function loop(stages: number): Job {
  return async (count) => {
    let seen = 0
    await forEach(pipe(own(count), ...several(ourStage, stages)), () => {
      seen++
    })
    return seen
  }
}

function build(stages: number): Job {
  return async (count) => {
    for (let built = 0; built < count; built++) {
      const parts = several(ourStage, stages)
      const [first = ourStage(), ...rest] = parts
      const { readable, writable } = compose(first, ...rest)
      if (readable.locked || writable.locked) throw new Error("Cannot build: an end is locked")
    }
    return count
  }
}
