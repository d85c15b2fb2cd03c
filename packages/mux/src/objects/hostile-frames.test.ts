import { VirtualClock } from "@bellmouth/core"
import { expect, test } from "vitest"
import { connectObjects } from "./connect-objects.ts"
import type { ObjectSession } from "./object-session.ts"

const HELLO = [0, 0, 0, {}]
const OPEN = [1, 0, 1, "head", 16]
const DATA = [2, 0, 1, "chunk"]
const FIN = [2, 1, 1]

/** A session that meets these frames: it has a window of 2, 2 places, and has opened a channel. */
function meet(frames: readonly unknown[]): { session: ObjectSession; heard: Promise<unknown[]> } {
  const { port1, port2 } = new MessageChannel()
  const session = connectObjects(port1, {
    windowItems: 2,
    maxChannels: 2,
    clock: new VirtualClock(),
  })
  session.open("ours").finished.catch(() => {}) // it is lost
  const { promise, resolve } = Promise.withResolvers<unknown[]>()
  port2.addEventListener("message", ({ data }) => {
    if (!Array.isArray(data) || data[0] !== 7 || data[4] === 0) return
    resolve(data)
    port2.postMessage("end")
  })
  port2.start()
  for (const frame of frames) port2.postMessage(frame)
  return { session, heard: promise }
}

const holes: unknown[] = []
holes.length = 2 ** 32 - 1

test.each<[string, string, readonly unknown[]]>([
  ["a text", "PROTOCOL", ["hello"]],
  ["an end before the greeting", "CONNECTION_LOST", ["end"]],
  ["bytes", "PROTOCOL", [new Uint8Array(8)]],
  ["null", "PROTOCOL", [null]],
  ["an empty array", "PROTOCOL", [[]]],
  ["an array of 2^32-1 holes", "PROTOCOL", [HELLO, holes]],
  ["a channel before the greeting", "PROTOCOL", [OPEN]],
  ["a second greeting", "PROTOCOL", [HELLO, HELLO]],
  ["a greeting that is null", "PROTOCOL", [[0, 0, 0, null]]],
  ["a greeting of another version", "PROTOCOL", [[0, 0, 0, { v: 2 }]]],
  ["a greeting without credit", "PROTOCOL", [[0, 0, 0, { credit: 0 }]]],
  ["a greeting with a text as credit", "PROTOCOL", [[0, 0, 0, { credit: "16" }]]],
  ["a greeting with fewer than no places", "PROTOCOL", [[0, 0, 0, { streams: -1 }]]],
  ["a greeting that is too long", "PROTOCOL", [[0, 0, 0, {}, 1]]],
  ["a greeting on a channel", "PROTOCOL", [[0, 0, 1, {}]]],
  ["flags that are no number", "PROTOCOL", [HELLO, [1, "1", 1, "", 1]]],
  ["flags above 15", "PROTOCOL", [HELLO, [1, 16, 1, "", 1]]],
  ["an id that is no integer", "PROTOCOL", [HELLO, [1, 0, 1.5, "", 1]]],
  ["an id that is no number", "PROTOCOL", [HELLO, [1, 0, Number.NaN, "", 1]]],
  ["an id of 2^31", "PROTOCOL", [HELLO, [1, 0, 2 ** 31, "", 1]]],
  ["a type that there is not", "PROTOCOL", [HELLO, [6, 0, 0, new Uint8Array(8)]]],
  ["a type that is a text", "PROTOCOL", [HELLO, ["open", 0, 1, "", 1]]],
  ["a channel of ours that the peer opens", "PROTOCOL", [HELLO, [1, 0, -1, "", 1]]],
  ["a channel of number 2 first", "PROTOCOL", [HELLO, [1, 0, 2, "", 1]]],
  ["a channel twice", "PROTOCOL", [HELLO, OPEN, OPEN]],
  ["a channel with a credit below 0", "PROTOCOL", [HELLO, [1, 0, 1, "", -1]]],
  ["a channel with a credit of 2^31", "FLOW_CONTROL", [HELLO, [1, 0, 1, "", 2 ** 31]]],
  ["a channel without a credit", "PROTOCOL", [HELLO, [1, 0, 1, ""]]],
  ["a request without credit", "PROTOCOL", [HELLO, [1, 1, 1, "", 0]]],
  ["a channel too many", "PROTOCOL", [HELLO, OPEN, [1, 0, 2, "", 1], [1, 0, 3, "", 1]]],
  ["a message", "PROTOCOL", [HELLO, [2, 0, 0, "chunk"]]],
  ["a chunk without a channel", "PROTOCOL", [HELLO, DATA]],
  ["a chunk for a channel of ours that is not there", "PROTOCOL", [HELLO, [2, 0, -2, "chunk"]]],
  ["nothing, without FIN", "PROTOCOL", [HELLO, OPEN, [2, 0, 1]]],
  ["two chunks in a frame", "PROTOCOL", [HELLO, OPEN, [2, 0, 1, 1, 2]]],
  ["more chunks than the window", "FLOW_CONTROL", [HELLO, OPEN, DATA, DATA, DATA]],
  ["more chunks on a channel of ours", "FLOW_CONTROL", [HELLO, ...Array(3).fill([2, 0, -1, 1])]],
  ["a chunk behind FIN", "PROTOCOL", [HELLO, OPEN, FIN, DATA]],
  ["FIN behind FIN", "PROTOCOL", [HELLO, OPEN, FIN, FIN]],
  ["ABORT behind FIN", "PROTOCOL", [HELLO, OPEN, FIN, [4, 0, 1, "", 3]]],
  ["a chunk behind ABORT", "PROTOCOL", [HELLO, OPEN, [4, 1, 1, "", 3], DATA]],
  ["a chunk behind a request", "PROTOCOL", [HELLO, [1, 1, 1, "", 1], DATA]],
  ["a credit of 0", "PROTOCOL", [HELLO, OPEN, [3, 0, 1, 0]]],
  ["a credit of a half", "PROTOCOL", [HELLO, OPEN, [3, 0, 1, 0.5]]],
  ["credit for the session", "PROTOCOL", [HELLO, [3, 0, 0, 1]]],
  ["credit without a channel", "PROTOCOL", [HELLO, [3, 0, 5, 1]]],
  ["credit above 2^31-1", "FLOW_CONTROL", [HELLO, OPEN, [3, 0, 1, 2 ** 31 - 16]]],
  ["a flood of credit", "PROTOCOL", [HELLO, OPEN, ...Array(10_050).fill([3, 0, 1, 1])]],
  ["a flood of cancels", "PROTOCOL", [HELLO, OPEN, ...Array(10_050).fill([5, 0, 1, "", 3])]],
  ["an ABORT without a code", "PROTOCOL", [HELLO, OPEN, [4, 0, 1, ""]]],
  ["an ABORT with a code of 2^32", "PROTOCOL", [HELLO, OPEN, [4, 0, 1, "", 2 ** 32]]],
  ["an ABORT with a text that is none", "PROTOCOL", [HELLO, OPEN, [4, 0, 1, {}, 3]]],
  ["a text of 1,025 units", "PROTOCOL", [HELLO, OPEN, [5, 0, 1, "x".repeat(1025), 3]]],
  ["a goodbye on a channel", "PROTOCOL", [HELLO, [7, 0, 1, "", 0, 0]]],
  ["a goodbye without a last number", "PROTOCOL", [HELLO, [7, 0, 0, "", 0]]],
  ["a flood of goodbyes", "PROTOCOL", [HELLO, ...Array(10_050).fill([7, 0, 0, "", 0, 1])]],
  ["an end without a goodbye", "CONNECTION_LOST", [HELLO, "end"]],
])("%s ends the session with %s", async (_, code, frames) => {
  const { session, heard } = meet(frames)
  await expect(session.closed).rejects.toMatchObject({ code })
  const told = await heard
  expect(told).toHaveLength(6)
  expect(told[4]).toBe({ PROTOCOL: 1, CONNECTION_LOST: 7, FLOW_CONTROL: 8 }[code])
})

test.each<[string, readonly unknown[]]>([
  ["as many chunks as the window, and FIN", [HELLO, OPEN, DATA, DATA, FIN]],
  ["FIN with the last chunk", [HELLO, OPEN, [2, 1, 1, "chunk"]]],
  ["flags that mean nothing here", [HELLO, [1, 14, 1, "head", 16], [2, 14, 1, "chunk"]]],
  ["a text of 1,024 units", [HELLO, OPEN, [5, 0, 1, "x".repeat(1024), 3]]],
  ["credit up to 2^31-1", [HELLO, OPEN, [3, 0, 1, 2 ** 31 - 17]]],
  ["credit and cancel behind the end", [HELLO, OPEN, [5, 0, 1, "", 3], [3, 0, 1, 1]]],
  ["keys that nobody knows", [[0, 0, 0, { v: 1, ["__proto__"]: { credit: 0 }, x: null }]]],
  ["a greeting that is a map", [[0, 0, 0, new Map([["credit", 0]])]]],
])("%s is taken", async (_, frames) => {
  const last = frames[0] === HELLO && frames.length > 1 ? 2 : 1
  const request = [1, 1, last, "alive", 1]
  const { port1, port2 } = new MessageChannel()
  const session = connectObjects(port1, { windowItems: 2, clock: new VirtualClock() })
  session.handle((value) => value)
  const reply = new Promise((resolve) => {
    port2.addEventListener("message", ({ data }) => data[2] === -last && resolve(data))
  })
  port2.start()
  for (const frame of [...frames, request]) port2.postMessage(frame)
  expect(await reply).toEqual([2, 1, -last, "alive"])
  await session.abort()
  port2.close()
})

test("Behind our goodbye only what may have crossed it is ignored", async () => {
  const { port1, port2 } = new MessageChannel()
  const session = connectObjects(port1, {
    windowItems: 2,
    maxChannels: 2,
    clock: new VirtualClock(),
  })
  port2.postMessage(HELLO)
  port2.postMessage(OPEN)
  const { value: channel } = await session.channels.getReader().read()
  expect(channel?.metadata).toBe("head")
  const closed = session.close()
  for (let n = 0; n < 10; n++) port2.postMessage([2, 0, 2, n])
  port2.postMessage(DATA)
  expect(await channel?.readable.getReader().read()).toEqual({ done: false, value: "chunk" })
  port2.postMessage([2, 0, 2, "one more"])
  await expect(closed).rejects.toMatchObject({ code: "FLOW_CONTROL" })
  port2.close()
})
