import { expect, test } from "vitest"
import type { Transport } from "../transport.ts"
import { ConformanceError } from "./conformance-error.ts"
import { memoryTransports } from "./memory-transports.ts"
import { transportConformance } from "./transport-conformance.ts"
import type { TransportEnds } from "./transport-subject.ts"

type Transform = (
  chunk: Uint8Array,
  controller: TransformStreamDefaultController<Uint8Array>,
) => void

function sound(): TransportEnds {
  const { first, second, cut } = memoryTransports({ seed: 1 })
  return { first, second, lose: cut }
}

/** The sound transport with something done to what the second end reads. */
function reading(transform: Transform): TransportEnds {
  const ends = sound()
  const readable = ends.second.readable.pipeThrough(new TransformStream({ transform }))
  return { ...ends, second: { readable, writable: ends.second.writable } }
}

/** The sound transport whose first end writes by a sink of its own. */
function writing(
  sink: (writer: WritableStreamDefaultWriter<Uint8Array>) => UnderlyingSink,
): TransportEnds {
  const ends = sound()
  const writer = ends.first.writable.getWriter()
  writer.closed.catch(() => {}) // the sink's promises tell
  const through: UnderlyingSink = {
    write: (chunk) => writer.write(chunk),
    close: () => writer.close(),
    abort: (reason) => writer.abort(reason),
    ...sink(writer),
  }
  return {
    ...ends,
    first: { readable: ends.first.readable, writable: new WritableStream(through) },
  }
}

/** A transport whose readable never gives the end, or the error, of another. */
function withoutEnd(): TransportEnds {
  const ends = sound()
  const reader = ends.second.readable.getReader()
  const readable = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reader.read()
      if (done) return new Promise(() => {})
      controller.enqueue(value)
    },
  })
  return { ...ends, second: { readable, writable: ends.second.writable } }
}

/** A transport whose losses look like ends. */
function lossAsEnd({ readable, writable }: Transport): Transport {
  const reader = readable.getReader()
  return {
    writable,
    readable: new ReadableStream<Uint8Array>({
      async pull(controller) {
        const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }))
        if (value === undefined || done) controller.close()
        else controller.enqueue(value)
      },
    }),
  }
}

let held: Uint8Array | undefined
const VIOLATORS: Record<string, { readonly make: () => TransportEnds; readonly claim: RegExp }> = {
  "loses the first byte of each chunk": {
    claim: /^bytes arrive in order/,
    make: () => reading((chunk, controller) => controller.enqueue(chunk.subarray(1))),
  },
  "gives empty chunks": {
    claim: /^bytes arrive in order/,
    make: () =>
      reading((chunk, controller) => {
        controller.enqueue(chunk)
        controller.enqueue(new Uint8Array(0))
      }),
  },
  "gives bytes of another class": {
    claim: /^bytes arrive in order/,
    make: () => reading((chunk, controller) => controller.enqueue(Buffer.from(chunk))),
  },
  "gives views of one buffer": {
    claim: /^(?:bytes arrive in order|both directions)/,
    make: () => {
      let buffer = new Uint8Array(0)
      return reading((chunk, controller) => {
        if (buffer.length < chunk.length) buffer = new Uint8Array(chunk.length)
        buffer.set(chunk)
        controller.enqueue(buffer.subarray(0, chunk.length))
        controller.enqueue(buffer.subarray(0, 1))
      })
    },
  },
  "holds the last chunk until the next": {
    claim: /^a byte arrives without another/,
    make: () => {
      held = undefined
      return reading((chunk, controller) => {
        if (held !== undefined) controller.enqueue(held)
        held = chunk
      })
    },
  },
  "takes every write at once": {
    claim: /^a peer that does not read stops the writer/,
    make: () =>
      writing((writer) => ({
        write: (chunk) => void writer.write(chunk).catch(() => {}),
      })),
  },
  "closes before what was written has left": {
    claim: /^what was written before close\(\)/,
    make: () => writing((writer) => ({ close: () => writer.abort() })),
  },
  "never ends": { claim: /^what was written before close\(\)/, make: withoutEnd },
  "ends both directions at once": {
    claim: /^a direction that has ended leaves the other one open/,
    make: () => {
      const ends = sound()
      const closer = ends.second.readable.pipeThrough(
        new TransformStream<Uint8Array, Uint8Array>({
          flush: () => void ends.second.writable.abort().catch(() => {}),
        }),
      )
      return { ...ends, second: { readable: closer, writable: ends.second.writable } }
    },
  },
  "lets abort() pass for an end": {
    claim: /^abort\(\) fails both directions/,
    make: () => {
      const ends = sound()
      return { ...ends, second: lossAsEnd(ends.second) }
    },
  },
  "lets a loss pass for an end": {
    claim: /^a lost connection fails both ends/,
    make: () => {
      const ends = sound()
      return { ...ends, first: lossAsEnd(ends.first) }
    },
  },
  "takes text": {
    claim: /^a chunk that is not bytes/,
    make: () =>
      writing((writer) => ({
        write: (chunk) => (chunk instanceof Uint8Array ? writer.write(chunk) : undefined),
      })),
  },
  "says that nothing was held": {
    claim: /^when both directions are over nothing is left/,
    make: () => ({ ...sound(), remains: () => [] }),
  },
  "leaves something behind": {
    claim: /^when both directions are over nothing is left/,
    make: () => ({ ...sound(), remains: () => ["a timer"] }),
  },
}

test.each(Object.entries(VIOLATORS))("The suite finds a transport that %s", async (_, violator) => {
  const cases = transportConformance({
    supports: {
      halfClose: true,
      abort: true,
      maxUnreadBytes: 1_000_000,
      lose: true,
      remains: true,
    },
    connect: async () => violator.make(),
    timeoutMs: 400,
  })
  const found = cases.filter(({ name }) => violator.claim.test(name))
  expect(found.length).toBeGreaterThan(0)
  const ran = await Promise.allSettled(found.map(({ run }) => run()))
  expect(ran.map(({ status }) => status)).toContain("rejected")
})

test("A claim that is not put says why, and every other is", () => {
  const nothing = {
    halfClose: false,
    abort: false,
    maxUnreadBytes: false,
    lose: false,
    remains: false,
  } as const
  const cases = transportConformance({ supports: nothing, connect: async () => sound() })
  for (const { skip } of cases) expect(skip ?? "put").not.toBe("")
  expect(cases.filter(({ skip }) => skip === undefined).length).toBeGreaterThan(8)
  expect(new ConformanceError("x").name).toBe("ConformanceError")
})
