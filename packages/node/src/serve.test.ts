import { once } from "node:events"
import { connect } from "node:net"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { expect, test } from "vitest"
import { firstBytes, rawGet, serving } from "../testing/serving.ts"
import { serve } from "./serve.ts"

function events(source: UnderlyingDefaultSource<Uint8Array<ArrayBuffer>>): Response {
  const body = new ReadableStream(source, { highWaterMark: 0 })
  return new Response(body, { headers: { "content-type": "text/event-stream" } })
}

const bytes = (text: string) => new TextEncoder().encode(text)

test("a response goes out with its status, headers and body", async () => {
  const { server } = await serving((request) => {
    const headers = new Headers({ "x-path": new URL(request.url).pathname, "keep-alive": "max=1" })
    headers.append("set-cookie", "a=1")
    headers.append("set-cookie", "b=2")
    return new Response("made", { status: 201, headers })
  })
  const response = await fetch(`${server.url}a%20b?c`)
  expect([response.status, response.statusText]).toEqual([201, "Created"])
  expect(response.headers.get("x-path")).toBe("/a%20b")
  expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"])
  expect(response.headers.get("keep-alive")).not.toBe("max=1")
  expect(await response.text()).toBe("made")
})

test("HEAD sends the headers and cancels the body", async () => {
  let cancels = 0
  const { server } = await serving(() => events({ cancel: () => void cancels++ }))
  const response = await fetch(server.url, { method: "HEAD" })
  expect(response.headers.get("content-type")).toBe("text/event-stream")
  expect(await response.text()).toBe("")
  expect(cancels).toBe(1)
})

test("headers go out before the first byte of the body", async () => {
  const { server } = await serving(() => events({ pull: () => new Promise(() => {}) }))
  const response = await fetch(server.url)
  expect(response.status).toBe(200)
  await response.body?.cancel()
})

test("a client that does not read stops the body, and one that reads again starts it", async () => {
  let pulled = 0
  const chunk = new Uint8Array(65_536)
  const { server } = await serving(() =>
    events({
      pull(controller) {
        pulled += chunk.length
        controller.enqueue(chunk.slice())
      },
    }),
  )
  const socket = await rawGet(server)
  await firstBytes(socket)
  socket.pause()
  // The kernel's socket buffers fill, then nothing is pulled any more.
  let before = -1
  while (before !== pulled) {
    before = pulled
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
  }
  expect(pulled).toBeLessThan(32 * 1024 * 1024)
  socket.resume()
  while (pulled === before) await new Promise((resolve) => setImmediate(resolve))
  socket.destroy()
})

test.each([
  ["an idle body", () => new Promise<void>(() => {})],
  [
    "a busy body",
    (controller: ReadableStreamDefaultController) => controller.enqueue(new Uint8Array(1000)),
  ],
])(
  "a disconnect cancels %s once, aborts the request's signal and is no error",
  async (_name, pull) => {
    const cancelled = Promise.withResolvers<void>()
    const aborted = Promise.withResolvers<void>()
    let cancels = 0
    const { server, errors } = await serving((request) => {
      request.signal.addEventListener("abort", () => aborted.resolve())
      return events({
        start: (controller) => controller.enqueue(bytes(": hi\n\n")),
        pull,
        cancel() {
          cancels++
          cancelled.resolve()
        },
      })
    })
    const socket = await rawGet(server)
    await firstBytes(socket)
    socket.destroy()
    await Promise.all([cancelled.promise, aborted.promise])
    expect(cancels).toBe(1)
    expect(errors).toEqual([])
  },
)

test("a handler that keeps only request.signal is told, also after a garbage collection", async () => {
  setFlagsFromString("--expose-gc")
  const collect: () => void = runInNewContext("gc")
  const aborted = Promise.withResolvers<void>()
  const { server } = await serving(({ signal }) => {
    signal.addEventListener("abort", () => aborted.resolve())
    return events({ start: (controller) => controller.enqueue(bytes(": hi\n\n")) })
  })
  const socket = await rawGet(server)
  await firstBytes(socket)
  for (let round = 0; round < 3; round++) {
    collect()
    await new Promise((resolve) => setImmediate(resolve))
  }
  socket.destroy()
  await aborted.promise
})

test("the signal stays quiet after a response that ended well", async () => {
  let signal: AbortSignal | undefined
  const { server } = await serving((request) => {
    signal = request.signal
    return new Response("ok")
  })
  await (await fetch(server.url)).text()
  await server.close()
  expect(signal?.aborted).toBe(false)
})

test("a handler that throws is a 500 without detail, and is reported", async () => {
  const failure = new Error("secret in /etc")
  const { server, errors } = await serving(() => {
    throw failure
  })
  const response = await fetch(server.url)
  expect(response.status).toBe(500)
  expect(await response.text()).toBe("Internal error\n")
  expect(errors).toEqual([failure])
})

test("a body that fails after its headers cuts the connection, and is reported", async () => {
  const failure = new Error("CORRUPT")
  let pulls = 0
  const { server, errors } = await serving(() =>
    events({
      pull(controller) {
        if (pulls++ > 0) throw failure
        controller.enqueue(bytes("data: 1\n\n"))
      },
    }),
  )
  const response = await fetch(server.url)
  await expect(response.text()).rejects.toThrow(TypeError)
  expect(errors).toEqual([failure])
})

test("close does not wait for a connection on which nothing was asked", async () => {
  const { server } = await serving(() => new Response("ok"), { graceMs: Infinity })
  const silent = connect(server.port, "127.0.0.1")
  await once(silent, "connect")
  // Answered, so that the connection before it was accepted.
  await (await fetch(server.url)).text()
  await Promise.all([once(silent, "close"), server.close()])
})

test("close ends event streams cleanly and lets other responses finish", async () => {
  const begun = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  const { server } = await serving((request) => {
    if (request.url.endsWith("/events")) {
      return events({
        start: (controller) => controller.enqueue(bytes("data: 1\n\n")),
        pull: () => new Promise(() => {}),
      })
    }
    const body = new ReadableStream({
      async pull(controller) {
        begun.resolve()
        await gate.promise
        controller.enqueue(bytes("whole"))
        controller.close()
      },
    })
    return new Response(body)
  })
  const stream = await fetch(`${server.url}events`)
  const reader = stream.body?.getReader()
  await reader?.read()
  const download = fetch(`${server.url}file`)
  await begun.promise
  const closed = server.close()
  expect((await reader?.read())?.done).toBe(true)
  gate.resolve()
  expect(await (await download).text()).toBe("whole")
  await closed
  await expect(fetch(server.url)).rejects.toThrow()
})

test("close cuts what does not finish within graceMs", async () => {
  const { server } = await serving(() => new Response(new ReadableStream()), { graceMs: 20 })
  const response = await fetch(server.url)
  const text = response.text()
  await Promise.all([server.close(), expect(text).rejects.toThrow()])
})

test("close waits for ever where graceMs says so", async () => {
  const gate = Promise.withResolvers<void>()
  const { server } = await serving(
    () =>
      new Response(
        new ReadableStream({
          async pull(controller) {
            await gate.promise
            controller.close()
          },
        }),
      ),
    { graceMs: Infinity },
  )
  const response = await fetch(server.url)
  const closed = server.close()
  setTimeout(gate.resolve, 20)
  expect(await response.text()).toBe("")
  await closed
})

test("a port in use is told with what to do", async () => {
  const { server } = await serving(() => new Response())
  const second = serve(() => new Response(), { port: server.port })
  await expect(second).rejects.toMatchObject({
    code: "PORT_IN_USE",
    message: `Cannot listen on 127.0.0.1:${server.port}: the port is in use; stop what uses it or choose another`,
  })
})

test("an empty address is refused: Node.js would listen on all of them", async () => {
  await expect(serve(() => new Response(), { port: 0, hostname: "" })).rejects.toThrow(TypeError)
})

test("an address that is not this machine's is told", async () => {
  const attempt = serve(() => new Response(), { port: 0, hostname: "192.0.2.1" })
  await expect(attempt).rejects.toMatchObject({
    code: "LISTEN_FAILED",
    message:
      "Cannot listen on 192.0.2.1:0: this machine does not have that address; choose another hostname",
  })
})
