import { duplexPair, toArray } from "@bellmouth/core"
import { expect, test } from "vitest"
import { connect } from "../connect.ts"

/** Bytes that somebody else has now. */
function transferred(length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  structuredClone(bytes, { transfer: [bytes.buffer] })
  return bytes
}

test("A chunk that was transferred is refused where it is given, and fails nothing else", async () => {
  const [here, there] = duplexPair<Uint8Array>()
  const [a, b] = [connect(here), connect(there)]
  b.handle((body) => (body.length === 1 ? transferred(9) : body))
  b.serve((channel) => channel.readable.pipeTo(channel.writable))
  for (const chunk of [transferred(9), [new Uint8Array(1), transferred(9)]]) {
    const { readable, writable } = a.open()
    await expect(writable.getWriter().write(chunk)).rejects.toThrow(TypeError)
    await expect(toArray(readable)).rejects.toMatchObject({ code: "INTERNAL" })
  }
  expect(() => a.open(transferred(9))).toThrow(TypeError)
  await expect(a.request(transferred(9))).rejects.toThrow(TypeError)
  await expect(a.request(new Uint8Array(1))).rejects.toMatchObject({ code: "INTERNAL" })
  await expect(a.send(transferred(9))).rejects.toThrow(TypeError)
  expect(await a.request(new Uint8Array(3))).toHaveLength(3)
  await Promise.all([a.close(), b.closed])
})

test("A chunk that is transferred behind the session's back ends it, and not the process", async () => {
  for (const isByteStream of [false, true]) {
    const [here, there] = duplexPair<Uint8Array>()
    const [a, b] = [connect(here, { isByteStream }), connect(there)]
    const chunk = new Uint8Array(9)
    const writer = a.open().writable.getWriter()
    await writer.write(new Uint8Array(1)) // from now on there is room
    const written = writer.write(chunk)
    structuredClone(chunk, { transfer: [chunk.buffer] })
    await written
    await expect(a.closed).rejects.toMatchObject({ code: "INTERNAL", cause: expect.any(TypeError) })
    await expect(writer.closed).rejects.toMatchObject({ code: "CONNECTION_LOST" })
    await expect(b.closed).rejects.toBeInstanceOf(Error)
  }
})
