import { VirtualClock } from "@bellmouth/core"
import { expect, test } from "vitest"
import { encodeFrame } from "../wire/encode-frame.ts"
import { FrameDecoder } from "../wire/frame-decoder.ts"
import { Session } from "./session.ts"

test("A peer that asks for many pings and reads nothing has one of them waiting", async () => {
  const clock = new VirtualClock()
  const session = new Session({ clock })
  const payload = new TextEncoder().encode('{"idle":1}')
  const writer = session.writable.getWriter()
  await writer.write(encodeFrame({ type: "hello", payload }))
  await clock.advance(60_000)
  const reader = session.readable.getReader()
  const kinds: string[] = []
  const decoder = new FrameDecoder()
  const take = async (): Promise<void> => {
    const { value } = await reader.read()
    decoder.push(value ?? new Uint8Array(), ({ type }) => kinds.push(type))
  }
  await take()
  const next = take()
  await clock.advance(1000)
  await next
  const [first, ...pings] = kinds
  expect(first).toBe("hello")
  expect(new Set(pings)).toEqual(new Set(["ping"]))
  expect(pings.length).toBeLessThan(4)
})
