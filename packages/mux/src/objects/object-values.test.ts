import { from, toArray } from "@bellmouth/core"
import { expect, test } from "vitest"
import { connectObjects } from "./connect-objects.ts"
import type { ObjectSession } from "./object-session.ts"
import { transfer } from "./transfer.ts"

function pair(): [ObjectSession, ObjectSession] {
  const { port1, port2 } = new MessageChannel()
  return [connectObjects(port1), connectObjects(port2)]
}

test("A transfer leaves here and arrives there", async () => {
  const [client, server] = pair()
  server.handle((value) => {
    const { port } = value as { port: MessagePort }
    const bytes = new Uint8Array([1, 2, 3])
    port.postMessage("through the port")
    port.close()
    return transfer(bytes, [bytes.buffer])
  })
  const { port1, port2 } = new MessageChannel()
  const heard = new Promise((resolve) => {
    port2.addEventListener("message", (event) => resolve(event.data))
  })
  port2.start()
  expect(await client.request(transfer({ port: port1 }, [port1]))).toEqual(
    new Uint8Array([1, 2, 3]),
  )
  expect(await heard).toBe("through the port")
  port2.close()
  const channel = client.open()
  const { value: accepted } = await server.channels.getReader().read()
  const bytes = new Uint8Array(100).fill(7)
  await channel.writable.getWriter().write(transfer(bytes, [bytes.buffer]))
  expect(bytes.byteLength).toBe(0)
  expect(await accepted?.readable.getReader().read()).toEqual({
    done: false,
    value: new Uint8Array(100).fill(7),
  })
  await client.abort()
})

test("What can not be cloned fails its write and its channel, and nothing else", async () => {
  const [client, server] = pair()
  server.serve(({ readable, writable }) => readable.pipeTo(writable))
  await client.ready
  const channel = client.open()
  const writer = channel.writable.getWriter()
  await writer.write(1)
  await expect(writer.write(() => {})).rejects.toThrow("Cannot write a chunk: it can not be cloned")
  await expect(writer.closed).rejects.toBeInstanceOf(TypeError)
  await expect(toArray(channel.readable)).rejects.toMatchObject({ code: "INTERNAL" })
  const uncloneable = client.open(() => {})
  await expect(uncloneable.finished).rejects.toBeInstanceOf(TypeError)
  await expect(uncloneable.readable.getReader().read()).rejects.toBeInstanceOf(TypeError)
  const other = client.open()
  void from([1, 2]).pipeTo(other.writable)
  expect(await toArray(other.readable)).toEqual([1, 2])
  await client.close()
})
