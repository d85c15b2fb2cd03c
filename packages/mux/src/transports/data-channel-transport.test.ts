import { describe, expect, test } from "vitest"
import { transportConformance } from "../testing/transport-conformance.ts"
import type { Transport } from "../transport.ts"
import type { DataChannelLike } from "./data-channel-like.ts"
import { dataChannelTransport } from "./data-channel-transport.ts"

/** An end of a channel without a network: ordered, and what nobody listens to is lost. */
class FakeChannel extends EventTarget implements DataChannelLike {
  binaryType = "blob"
  bufferedAmount = 0
  bufferedAmountLowThreshold = 0
  readyState = "connecting"
  readonly ordered = true
  readonly maxRetransmits = null
  readonly maxPacketLifeTime = null
  readonly held = new Set<string>()
  readonly said: string[] = []
  peer: FakeChannel | undefined

  open(): void {
    this.readyState = "open"
    this.dispatchEvent(new Event("open"))
  }

  send(data: string | Uint8Array<ArrayBuffer>): void {
    if (this.readyState !== "open") throw new Error("InvalidStateError")
    if (typeof data === "string" && data !== "ready") this.said.push(data)
    const sent = typeof data === "string" ? data : data.slice().buffer
    const size = data.length
    this.bufferedAmount += size
    setImmediate(() => {
      this.peer?.dispatchEvent(new MessageEvent("message", { data: sent }))
      this.bufferedAmount -= size
      const isLow = this.bufferedAmount <= this.bufferedAmountLowThreshold
      if (isLow && this.bufferedAmount + size > this.bufferedAmountLowThreshold) {
        this.dispatchEvent(new Event("bufferedamountlow"))
      }
    })
  }

  close(): void {
    this.said.push("closes")
    for (const end of [this, this.peer]) {
      if (end === undefined || end.readyState === "closed") continue
      end.readyState = "closed"
      setImmediate(() => end.dispatchEvent(new Event("close")))
    }
  }

  override addEventListener(type: string, listener: EventListener): void {
    this.held.add(type)
    super.addEventListener(type, listener)
  }

  override removeEventListener(type: string, listener: EventListener): void {
    this.held.delete(type)
    super.removeEventListener(type, listener)
  }
}

function channels(): [FakeChannel, FakeChannel] {
  const [one, other] = [new FakeChannel(), new FakeChannel()]
  one.peer = other
  other.peer = one
  return [one, other]
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe.each([
  ["both there before it opens", false],
  ["one that comes later", true],
])("dataChannelTransport: %s", (_, isLate) => {
  const cases = transportConformance({
    supports: { halfClose: true, abort: true, maxUnreadBytes: false, lose: true, remains: true },
    async connect() {
      const [one, other] = channels()
      const remains = (): string[] => [...one.held, ...other.held]
      const first = dataChannelTransport(one)
      if (isLate) {
        one.open()
        other.open()
        for (let n = 0; n < 3; n++) await turn()
        return { first, second: dataChannelTransport(other), lose: () => one.close(), remains }
      }
      const second = dataChannelTransport(other)
      one.open()
      other.open()
      return { first, second, lose: () => one.close(), remains }
    },
  })
  for (const { name, run, skip } of cases) test.skipIf(skip !== undefined)(name, run)
})

test("What is written at once arrives at an end that listens only later", async () => {
  for (const turns of [0, 1, 2, 5]) {
    const [one, other] = channels()
    const here = dataChannelTransport(one)
    const writer = here.writable.getWriter()
    void writer.write(Uint8Array.of(1, 2))
    const closed = writer.close()
    one.open()
    other.open()
    for (let n = 0; n < turns; n++) await turn()
    const there = dataChannelTransport(other)
    expect(await new Response(there.readable).bytes()).toEqual(Uint8Array.of(1, 2))
    await closed
    await there.writable.close()
  }
})

test("An end that is aborted before the other listens is seen as lost", async () => {
  const [one, other] = channels()
  const here = dataChannelTransport(one)
  one.open()
  other.open()
  here.writable.abort(new Error("planted")).catch(() => {}) // it had not begun
  await turn()
  const there = dataChannelTransport(other)
  await expect(there.readable.getReader().read()).rejects.toMatchObject({ code: "CONNECTION_LOST" })
})

test("A channel that says it is open while it connects is waited for", async () => {
  const [one, other] = channels()
  const here = dataChannelTransport(one)
  const there = dataChannelTransport(other)
  one.open()
  other.dispatchEvent(new Event("open"))
  for (let n = 0; n < 3; n++) await turn()
  other.open()
  const writer = there.writable.getWriter()
  await writer.write(Uint8Array.of(1, 2))
  await writer.close()
  expect(await new Response(here.readable).bytes()).toEqual(Uint8Array.of(1, 2))
  await here.writable.close()
})

test.each<[string, (here: Transport, there: Transport) => Promise<unknown>, string[], string[]]>([
  [
    "ends first",
    async (here, there) => {
      await here.writable.close()
      await readAll(there)
      await there.writable.close()
      await readAll(here)
    },
    ["end", "closes"],
    ["end"],
  ],
  [
    "breaks it off",
    async (here, there) => {
      await here.writable.abort(new Error("planted"))
      await readAll(there)
    },
    ["abort"],
    ["closes"],
  ],
  [
    "has ended and reads no more",
    async (here, there) => {
      await here.writable.close()
      await here.readable.cancel()
      await readAll(there)
      await turn() // it is broken off
    },
    ["end", "abort"],
    ["closes"],
  ],
  [
    "has ended and reads no more, while the other ends",
    async (here, there) => {
      await here.writable.close()
      await here.readable.cancel()
      await readAll(there)
      await there.writable.close()
    },
    ["end", "abort", "closes"],
    ["end"],
  ],
  [
    "breaks it off, and the other does at once",
    async (here, there) => {
      const reason = new Error("planted")
      await Promise.all([here, there].map(({ writable }) => writable.abort(reason)))
    },
    ["abort", "closes"],
    ["abort", "closes"],
  ],
])("Whoever hears the last word closes, where one side %s", async (_, act, first, second) => {
  const [one, other] = channels()
  const [here, there] = [dataChannelTransport(one), dataChannelTransport(other)]
  one.open()
  other.open()
  const writer = here.writable.getWriter()
  await writer.ready
  for (let n = 0; n < 5; n++) await turn()
  writer.releaseLock()
  await act(here, there)
  for (let n = 0; n < 5; n++) await turn()
  expect([one.said, other.said]).toEqual([first, second])
  expect([...one.held, ...other.held]).toEqual([])
})

async function readAll({ readable }: Transport): Promise<void> {
  const reader = readable.getReader()
  while (!(await reader.read().catch(() => ({ done: true }))).done);
  reader.releaseLock()
}
