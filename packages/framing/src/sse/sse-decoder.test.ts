import { expect, test } from "vitest"
import { cuts, inputBytes, runDecoder } from "../../testing/cuts.ts"
import { readVectors } from "../../testing/vectors.ts"
import { FramingError } from "../framing-error.ts"
import { SseDecoder } from "./sse-decoder.ts"
import type { SseEvent } from "./sse-event.ts"

interface Vector {
  id: string
  input?: string
  inputHex?: string
  options?: { maxEventBytes?: number; lastEventId?: string; comments?: boolean }
  events: [string, string, string][]
  retries?: number[]
  comments?: string[]
  lastEventId?: string
  error?: Record<string, unknown>
}

for (const vector of readVectors<Vector>("sse-decode"))
  test(`SseDecoder gives the same for every cut of vector ${vector.id}`, () => {
    const { comments: asked, ...options } = vector.options ?? {}
    for (const [cut, chunks] of cuts(inputBytes(vector))) {
      const comments: string[] = []
      const retries: number[] = []
      const decoder = new SseDecoder({
        ...options,
        onRetry: (milliseconds) => retries.push(milliseconds),
        ...((asked || vector.comments) && { onComment: (comment) => comments.push(comment) }),
      })
      const show = (event: SseEvent) => [event.type, event.data, event.lastEventId]
      const { values, error } = runDecoder(decoder, chunks, show)
      expect(values, cut).toStrictEqual(vector.events)
      if (vector.error) {
        expect(error, cut).toBeInstanceOf(FramingError)
        expect({ ...(error as object) }, cut).toMatchObject(vector.error)
      } else expect(error, cut).toBeUndefined()
      if (vector.retries) {
        expect(retries, cut).toStrictEqual(vector.retries)
        expect(decoder.reconnectionTime, cut).toBe(vector.retries.at(-1))
      }
      if (vector.comments) expect(comments, cut).toStrictEqual(vector.comments)
      if (vector.lastEventId !== undefined)
        expect(decoder.lastEventId, cut).toBe(vector.lastEventId)
    }
  })

// Each of these went on for ever.
for (const [how, spoil] of [
  ["overwritten", (chunk) => chunk.fill(0x61)],
  ["transferred", (chunk) => structuredClone(chunk, { transfer: [chunk.buffer] })],
] as [string, (chunk: Uint8Array) => unknown][])
  test(`SseDecoder ends where a chunk is ${how} while its events are given`, () => {
    const utf8 = new TextEncoder()
    const open = utf8.encode("data: 1\n\nda")
    const decoder = new SseDecoder()
    const events: string[] = []
    decoder.push(open, ({ data }) => {
      events.push(data)
      spoil(open)
    })
    decoder.push(utf8.encode("ta: 2\n\n"), ({ data }) => events.push(data))
    expect(events).toEqual(["1", "2"])
    const large = utf8.encode("data: 1\n\ndata: 3456789\n\n")
    const limited = new SseDecoder({ maxEventBytes: 10 })
    expect(() => limited.push(large, () => spoil(large))).toThrow("takes it past maxEventBytes")
  })
