import { Readable, Transform } from "node:stream"
import { from, map } from "@bellmouth/core"
import { FastReadableStream, FastTransformStream } from "experimental-fast-webstreams"
import streamx from "streamx"
import * as polyfill from "web-streams-polyfill"
import { type Job, measure } from "../harness/measure.ts"
import type { Row } from "../harness/row.ts"
import { iterateAll } from "./chains.ts"

/** A small object, as records are. */
interface Box {
  readonly value: number
}

function* boxes(count: number): Generator<Box> {
  for (let value = 0; value < count; value++) yield { value }
}

function next(box: Box): Box {
  return { value: box.value + 1 }
}

const STAGES = 8

/** The same job by other libraries of Node: 8 transforms of small objects, read by `for await`. */
const peers: Readonly<Record<string, Job>> = {
  "node:stream": (count) => {
    let stream: Readable = Readable.from(boxes(count))
    for (let index = 0; index < STAGES; index++) {
      const transform = new Transform({
        objectMode: true,
        transform: (chunk, _encoding, done) => done(null, next(chunk)),
      })
      stream = stream.pipe(transform)
    }
    return iterateAll(stream)
  },
  streamx: (count) => {
    let stream: streamx.Readable = streamx.Readable.from([...boxes(count)])
    for (let index = 0; index < STAGES; index++) {
      stream = stream.pipe(
        new streamx.Transform({ transform: (chunk, done) => done(null, next(chunk as Box)) }),
      )
    }
    return iterateAll(stream)
  },
  "async generators": (count) => {
    let chunks: AsyncIterable<Box> | Iterable<Box> = boxes(count)
    for (let index = 0; index < STAGES; index++) chunks = mapped(chunks)
    return iterateAll(chunks as AsyncIterable<Box>)
  },
  "web-streams-polyfill": webStreams(polyfill),
  "experimental-fast-webstreams": webStreams({
    ReadableStream: FastReadableStream,
    TransformStream: FastTransformStream,
  }),
}

async function* mapped(chunks: AsyncIterable<Box> | Iterable<Box>): AsyncGenerator<Box> {
  for await (const chunk of chunks) yield next(chunk)
}

/** A chain of an implementation's own readable and transforms. */
function webStreams(implementation: object): Job {
  const { ReadableStream, TransformStream } = implementation as typeof globalThis
  return (count) => {
    const source = boxes(count)
    let readable = new ReadableStream<Box>({
      pull(controller) {
        const step = source.next()
        if (step.done) controller.close()
        else controller.enqueue(step.value)
      },
    })
    for (let index = 0; index < STAGES; index++) {
      const transform = new TransformStream<Box, Box>({
        transform(chunk, controller) {
          controller.enqueue(next(chunk))
        },
      })
      readable = readable.pipeThrough(transform)
    }
    return iterateAll(readable)
  }
}

/** One row for each peer: how many times ours is as fast. */
export async function* peerCases(): AsyncGenerator<Row> {
  const ours: Job = (count) => {
    let readable = from(boxes(count))
    for (let index = 0; index < STAGES; index++) readable = readable.pipeThrough(map(next))
    return iterateAll(readable)
  }
  const [oursNs = 0, ...times] = await measure([ours, ...Object.values(peers)])
  for (const [index, name] of Object.keys(peers).entries()) {
    const value = (times[index] ?? 0) / oursNs
    yield {
      name: `8 transforms of small objects: against ${name}`,
      value,
      unit: "x",
      floor: 1,
      aim: 2,
    }
  }
}
