import fc from "fast-check"
import { expect, test } from "vitest"
import { connectObjects } from "./connect-objects.ts"
import type { ObjectChannel } from "./object-channel.ts"

/** What a test does with one channel, one step at a time, and what must have come of it. */
interface Model {
  readonly channel: ObjectChannel
  readonly writer: WritableStreamDefaultWriter<unknown>
  readonly sent: unknown[]
  ending: "open" | "closed" | "aborted" | "failed"
}

const step = fc.record({
  at: fc.nat(4),
  does: fc.oneof(
    { weight: 40, arbitrary: fc.constant("write") },
    { weight: 6, arbitrary: fc.constant("turn") },
    { weight: 1, arbitrary: fc.constantFrom("close", "abort", "fail") },
  ),
})

/** What the acceptor has seen of a channel: it reads with pauses. */
interface Seen {
  readonly chunks: unknown[]
  end: "closed" | "failed" | "open"
}

test("Whatever the order of writes and ends, what comes is what the model says", async () => {
  let chunks = 0
  const ends = new Map<string, number>()
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 100, maxLength: 150 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 5 }),
      async (steps, windowItems, maxChannels) => {
        const { port1, port2 } = new MessageChannel()
        const client = connectObjects(port1, { windowItems })
        const server = connectObjects(port2, { windowItems, maxChannels })
        const seen = new Map<unknown, Seen>()
        server.serve(async ({ metadata, readable, writable }) => {
          const one: Seen = { chunks: [], end: "open" }
          seen.set(metadata, one)
          try {
            for await (const chunk of readable) {
              one.chunks.push(chunk)
              if (chunks++ % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 0))
            }
            one.end = "closed"
          } catch {
            one.end = "failed" // compared below
          }
          await writable.close()
        })
        const models = Array.from({ length: 5 }, (_, name): Model => {
          const channel = client.open(name)
          const writer = channel.writable.getWriter()
          writer.closed.catch(() => {}) // compared below
          return { channel, writer, sent: [], ending: "open" }
        })
        for (const { at, does } of steps) {
          if (does === "turn") await new Promise((resolve) => setTimeout(resolve, 0))
          else act(models[at], does)
        }
        for (const model of models) act(model, "close")
        for (const [name, { channel, sent, ending }] of models.entries()) {
          await channel.readable.cancel()
          await channel.finished.catch(() => {}) // compared by what was seen
          ends.set(ending, (ends.get(ending) ?? 0) + 1)
          const one = seen.get(name)
          if (one === undefined) {
            expect(["aborted", "failed"]).toContain(ending) // before it was opened
            continue
          }
          expect(one.end).toBe(ending === "closed" ? "closed" : "failed")
          if (ending === "closed") expect(one.chunks).toEqual(sent)
          else expect(one.chunks).toEqual(sent.slice(0, one.chunks.length))
        }
        await Promise.all([client.close(), server.closed])
      },
    ),
    { numRuns: 60 },
  )
  expect(chunks).toBeGreaterThan(500)
  for (const ending of ["closed", "aborted", "failed"]) {
    expect(ends.get(ending), ending).toBeGreaterThan(10)
  }
})

function act(model: Model | undefined, does: string): void {
  if (model === undefined || model.ending !== "open") return
  const { channel, writer, sent } = model
  const ignore = (): void => {} // what came of it is compared
  if (does === "write") {
    writer.write(sent.length).catch(ignore)
    sent.push(sent.length)
  } else if (does === "close") {
    model.ending = "closed"
    writer.close().catch(ignore)
  } else if (does === "abort") {
    model.ending = "aborted"
    writer.abort().catch(ignore)
  } else {
    model.ending = "failed"
    channel.fail(new Error("planted"))
  }
}
