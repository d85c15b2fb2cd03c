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

test.each<[string, readonly unknown[], (writer: WritableStreamDefaultWriter<unknown>) => unknown]>([
  ["closes", [1], (writer) => writer.close()],
  ["aborts", [1, "INTERNAL"], (writer) => writer.abort(new Error("enough")).catch(() => {})],
  ["writes to", [1, "inner"], (writer) => void writer.write("inner")],
])(
  "A value whose getter %s its own writer breaks no rule: that comes behind it",
  async (_, wanted, act) => {
    const { port1, port2 } = new MessageChannel()
    const [near, far] = [connectObjects(port1), connectObjects(port2, { windowItems: 1 })]
    far.handle((value) => value)
    const seen: unknown[] = []
    far.serve(async ({ readable }) => {
      try {
        for await (const chunk of readable) seen.push(chunk)
      } catch (error) {
        seen.push(Reflect.get(Object(error), "code"))
      }
    })
    const channel = near.open()
    const writer = channel.writable.getWriter()
    await near.request("opened")
    writer.closed.catch(() => {}) // `seen` tells
    const acted: unknown[] = []
    const value = {
      get x() {
        acted.push(act(writer))
        return 1
      },
    }
    await writer.write(value)
    await Promise.all(acted)
    await writer.close().catch(() => {}) // it may have ended
    await channel.finished.catch(() => {}) // `seen` tells
    expect(
      seen.map((chunk) => (typeof chunk === "object" ? Reflect.get(Object(chunk), "x") : chunk)),
    ).toEqual(wanted)
    expect(await near.request("alive")).toBe("alive")
    await near.close()
  },
)
