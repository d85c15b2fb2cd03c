import { expect, test } from "vitest"
import type { Transport } from "../transport.ts"
import { type BunWebSocketOptions, bunWebSocketHandlers } from "./bun-web-socket-handlers.ts"

const WRONG: readonly BunWebSocketOptions[] = [
  { maxPayloadBytes: 0 },
  { maxPayloadBytes: 0.5 },
  { maxPayloadBytes: Number.NaN },
  { maxPayloadBytes: Infinity },
  { maxPayloadBytes: 2 ** 31 },
  { pauseBytes: 0 },
  { pauseBytes: Number.NaN },
  { maxQueuedBytes: 1 },
  { maxQueuedBytes: Number.NaN },
]

test.each(WRONG)("bunWebSocketHandlers refuses %o before anybody connects", (options) => {
  expect(() => bunWebSocketHandlers(() => {}, options)).toThrow(RangeError)
})

test("bunWebSocketHandlers passes its limits on", () => {
  const limits = { pauseBytes: 1, maxQueuedBytes: 2, maxPayloadBytes: 3 }
  expect(bunWebSocketHandlers(() => {}, limits).maxPayloadLength).toBe(3)
})

/** A socket of Bun's that takes so much of each message, and its transport. */
function open(taken: number) {
  const calls: string[] = []
  const socket = {
    send: () => taken,
    close: (code?: number) => void calls.push(`close ${code}`),
    terminate: () => void calls.push("terminate"),
  }
  let transport: Transport | undefined
  const handlers = bunWebSocketHandlers((given) => {
    transport = given
  })
  handlers.open(socket)
  if (transport === undefined) expect.fail("no transport was made")
  return { socket, handlers, calls, ...transport }
}

test("A message that Bun has dropped breaks the socket off", async () => {
  const { writable, readable, calls } = open(0)
  const written = writable.getWriter().write(Uint8Array.of(1))
  await expect(written).rejects.toMatchObject({ code: "CONNECTION_LOST" })
  await expect(readable.getReader().read()).rejects.toMatchObject({ code: "CONNECTION_LOST" })
  expect(calls).toEqual(["terminate"])
})

test("A socket that has closed is not ended again", async () => {
  const { handlers, socket, calls, writable, readable } = open(1)
  handlers.close(socket, 1001, "going away")
  await expect(readable.getReader().read()).rejects.toMatchObject({ closeCode: 1001 })
  await writable.abort().catch(() => {}) // it has failed
  expect(calls).toEqual([])
})

test("A text message closes the socket, and says why", async () => {
  const { handlers, socket, calls, readable } = open(1)
  handlers.message(socket, "text")
  await expect(readable.getReader().read()).rejects.toMatchObject({ code: "BAD_MESSAGE" })
  expect(calls).toEqual(["close 4003"])
})
