import { VirtualClock } from "@bellmouth/core"
import { expect, test } from "vitest"
import type { MessageEventLike, MessagePortLike } from "../transports/message-port-like.ts"
import { connectObjects } from "./connect-objects.ts"

type Listener = (event: MessageEventLike) => void

/** A port as some runtime has it, and what was done with it. */
function port(has: { readonly start?: boolean; readonly terminate?: boolean }) {
  const listeners = new Map<string, Listener>()
  const posted: unknown[] = []
  let isClosed = false
  const like: MessagePortLike = {
    postMessage: (message: unknown) => void posted.push(message),
    addEventListener: (type: string, listener: Listener) => void listeners.set(type, listener),
    removeEventListener: (type: string) => void listeners.delete(type),
    close() {
      isClosed = true
    },
    ...(has.start && { start: () => {} }),
    ...(has.terminate && { terminate: () => {} }),
  }
  const say = (type: string, data?: unknown): void => listeners.get(type)?.({ type, data })
  return { like, say, posted, listeners, isClosed: () => isClosed }
}

const HELLO = [0, 0, 0, {}]
const GOODBYE = [7, 0, 0, "", 0, 0]

test.each([
  ["a port", { start: true }, true],
  ["a worker's scope, which it would end", {}, false],
])("Who ended first closes %s", async (_, has, closes) => {
  const { like, say, isClosed, listeners } = port(has)
  const session = connectObjects(like, { clock: new VirtualClock() })
  say("message", HELLO)
  const closed = session.close()
  expect(isClosed()).toBe(false)
  say("message", "end")
  await closed
  expect(isClosed()).toBe(closes)
  expect([...listeners]).toEqual([])
})

test("Who ended second leaves the port to the other", async () => {
  const { like, say, isClosed, posted, listeners } = port({ start: true })
  const session = connectObjects(like, { clock: new VirtualClock() })
  say("message", HELLO)
  say("message", GOODBYE)
  say("message", "end")
  await session.closed
  expect([posted.at(-1), isClosed(), listeners.size]).toEqual(["end", false, 0])
})

test("An error of the program is none of a worker's scope's", async () => {
  const scope = port({})
  const inside = connectObjects(scope.like, { clock: new VirtualClock() })
  scope.say("message", HELLO)
  scope.say("error")
  await inside.ready
  scope.say("message", GOODBYE)
  scope.say("message", "end")
  await inside.closed
  const worker = port({ terminate: true })
  const outside = connectObjects(worker.like, { clock: new VirtualClock() })
  worker.say("error")
  await expect(outside.closed).rejects.toMatchObject({ code: "CONNECTION_LOST" })
})

test("Two goodbyes that cross end both sides without waiting", async () => {
  const clock = new VirtualClock()
  const { like, say, isClosed } = port({ start: true })
  const session = connectObjects(like, { clock })
  say("message", HELLO)
  const aborted = session.abort()
  await aborted
  expect(isClosed()).toBe(false)
  say("message", [7, 0, 0, "", 2, 0])
  expect([isClosed(), clock.pending]).toEqual([true, 0])
})

test("What nobody has read is dropped by an abort here", async () => {
  const { port1, port2 } = new MessageChannel()
  const [near, far] = [connectObjects(port1), connectObjects(port2)]
  far.serve(async ({ writable, finished }) => {
    const writer = writable.getWriter()
    for (const chunk of [1, 2, 3]) await writer.write(chunk)
    await finished
  })
  const reader = near.open().readable.getReader()
  expect(await reader.read()).toEqual({ done: false, value: 1 })
  await near.request("behind the others").catch(() => {}) // nobody answers
  await near.abort()
  await expect(reader.read()).rejects.toMatchObject({ code: "CONNECTION_LOST" })
})

test("A getter within the metadata of a channel may open another, which comes second", async () => {
  const { port1, port2 } = new MessageChannel()
  const [near, far] = [connectObjects(port1), connectObjects(port2)]
  const seen: unknown[] = []
  far.serve(({ metadata }) => void seen.push(metadata))
  far.handle((value) => value)
  await near.ready
  const metadata = {
    get name() {
      near.open("second")
      return "first"
    },
  }
  near.open(metadata)
  await near.request("behind both")
  expect(seen).toEqual([{ name: "first" }, "second"])
  await Promise.all([near.close(), far.closed])
})
