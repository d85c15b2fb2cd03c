import { duplexPair, toArray } from "@bellmouth/core"
import { expect, test } from "vitest"
import { connect } from "../connect.ts"
import type { Session } from "../session/session.ts"
import type { SessionOptions } from "../session/session-options.ts"

function pair(options: SessionOptions = {}): [Session, Session] {
  const [here, there] = duplexPair<Uint8Array>()
  return [connect(here, options), connect(there, options)]
}

test("A wait for room ends when the writable is closed, or its writer is released", async () => {
  const [a, b] = pair({ windowBytes: 1000 })
  b.serve(({ finished }) => finished)
  for (const byWriter of [true, false]) {
    const { writable } = a.open()
    const writer = writable.getWriter()
    await writer.write(new Uint8Array(2000))
    const { ready } = writer
    if (!byWriter) writer.releaseLock()
    await (byWriter ? writer.close() : writable.close())
    if (byWriter) await ready
    else await expect(ready).rejects.toThrow(TypeError)
  }
  await a.abort()
})

test("What is written once the handler has left is refused, not lost in silence", async () => {
  const [a, b] = pair()
  let left: WritableStream<unknown> | undefined
  b.serve(async ({ readable, writable }) => {
    left = writable
    await toArray(readable)
  })
  const late = [
    async (writable: WritableStream<unknown>) => writable.getWriter().write(new Uint8Array(1)),
    async (writable: WritableStream<unknown>) => new Blob(["late"]).stream().pipeTo(writable),
  ]
  for (const write of late) {
    const { readable, writable } = a.open()
    await writable.close()
    expect(await toArray(readable)).toEqual([])
    await expect(write(left ?? writable)).rejects.toThrow("Cannot write: the channel has ended")
  }
  await Promise.all([a.close(), b.closed])
})
