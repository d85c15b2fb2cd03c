import type { Socket } from "node:net"
import { expect, test } from "vitest"
import { firstBytes, rawGet, serving } from "../testing/serving.ts"

test("a request's method, headers and streamed body come in", async () => {
  const { server } = await serving(async (request) => {
    const type = request.headers.get("content-type")
    return new Response(`${request.method} ${type} ${await request.text()}`)
  })
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode("first "))
      controller.enqueue(new TextEncoder().encode("second"))
      controller.close()
    },
  })
  const init = { method: "POST", body, duplex: "half", headers: { "content-type": "a/b" } } as const
  expect(await (await fetch(server.url, init)).text()).toBe("POST a/b first second")
})

test("a body that the handler leaves unread does not hold up the connection", async () => {
  const { server } = await serving(() => new Response("enough", { status: 413 }))
  const socket = await rawGet(
    server,
    "POST / HTTP/1.1",
    "Host: localhost\r\nContent-Length: 1000000",
  )
  for (let part = 0; part < 10; part++) socket.write(new Uint8Array(100_000))
  expect(await firstBytes(socket)).toContain("413")
  socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
  expect(await firstBytes(socket)).toContain("413")
  socket.destroy()
})

test.each([
  ["cancels", (body: ReadableStream | null) => body?.cancel()],
  ["reads the beginning of", (body: ReadableStream | null) => body?.getReader().read()],
])("a handler that %s a body is answered for, and for the next request", async (_name, use) => {
  const bodies: (ReadableStream | null)[] = []
  const { server, errors } = await serving(async ({ body }) => {
    bodies.push(body)
    await use(body)
    return new Response("enough", { status: 413 })
  })
  const head = "Host: localhost\r\nContent-Length: 1000000"
  const socket = await rawGet(server, "POST / HTTP/1.1", head)
  for (let part = 0; part < 10; part++) socket.write(new Uint8Array(100_000))
  expect(await firstBytes(socket)).toContain("413")
  socket.write("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx")
  expect(await firstBytes(socket)).toContain("413")
  socket.destroy()
  expect([bodies.length, errors]).toEqual([2, []])
})

test.each([
  ["leaves", (socket: Socket) => socket.destroy()],
  ["sends what is no chunk", (socket: Socket) => void socket.write("no chunk\r\n")],
])("a client that %s in the middle of its body is no fault of the server's", async (_how, end) => {
  const reading = Promise.withResolvers<void>()
  const failed = Promise.withResolvers<unknown>()
  const { server, errors } = await serving(async (request) => {
    const text = request.text()
    reading.resolve()
    text.catch(failed.resolve)
    return new Response(await text)
  })
  const head = "Host: localhost\r\nTransfer-Encoding: chunked"
  const socket = await rawGet(server, "POST / HTTP/1.1", head)
  socket.write("3\r\nabc\r\n")
  await reading.promise
  end(socket)
  expect(await failed.promise).toMatchObject({ code: "CONNECTION_CLOSED" })
  await server.close()
  socket.destroy()
  expect(errors).toEqual([])
})

test("a request's body can not be read behind its response", async () => {
  const late: Promise<unknown>[] = []
  const { server } = await serving(({ body }) => {
    const reading = body?.getReader().read()
    late.push(Promise.resolve(reading).catch((error: unknown) => error))
    return new Response("ok")
  })
  const socket = await rawGet(server, "POST / HTTP/1.1", "Host: localhost\r\nContent-Length: 2")
  await firstBytes(socket)
  expect(await Promise.all(late)).toMatchObject([{ code: "RESPONSE_ENDED" }])
  socket.destroy()
})

const used = new Response("once")
await used.text()

test.each([
  ["a network error", Response.error()],
  ["one whose body was used", used],
  ["none at all", undefined as unknown as Response],
])("a response that can not be sent, %s, is a 500 and is reported", async (_name, response) => {
  const { server, errors } = await serving(() => response)
  const socket = await rawGet(server)
  expect(await firstBytes(socket)).toMatch(/^HTTP\/1.1 500 /)
  socket.destroy()
  expect(errors).toEqual([expect.any(Error)])
})

test("a method that no Request can have is 501, before the handler, and no error", async () => {
  const { server, errors } = await serving(() => new Response())
  const socket = await rawGet(server, "TRACE / HTTP/1.1")
  expect(await firstBytes(socket)).toMatch(/^HTTP\/1.1 501 /)
  socket.destroy()
  expect(errors).toEqual([])
})

test.each([
  ["a target with another host in it", "GET http://evil.example/ HTTP/1.1", "Host: localhost"],
  ["a host with a path in it", "GET / HTTP/1.1", "Host: localhost/evil"],
  ["a host with a user in it", "GET / HTTP/1.1", "Host: a@localhost"],
  ["an empty host", "GET / HTTP/1.1", "Host: "],
])("%s is 400, before the handler", async (_name, head, headers) => {
  let calls = 0
  const { server } = await serving(() => {
    calls++
    return new Response()
  })
  const socket = await rawGet(server, head, headers)
  expect(await firstBytes(socket)).toMatch(/^HTTP\/1.1 400 /)
  socket.destroy()
  expect(calls).toBe(0)
})

test.each([
  ["http://localhost:1/x?y", "http://localhost:1/x?y"],
  ["HTTP://LOCALHOST:1?y", "http://localhost:1/?y"],
])("a target in absolute form, %s, is read as RFC 9112 wants", async (target, url) => {
  const { server } = await serving((request) => new Response(request.url))
  const socket = await rawGet(server, `GET ${target} HTTP/1.1`, "Host: localhost:1")
  expect(await firstBytes(socket)).toContain(`\r\n${url}\r\n`)
  socket.destroy()
})

test("HTTP/1.0 without a host asks for the address that it came to; HTTP/1.1 must have one", async () => {
  const { server } = await serving((request) => new Response(request.url))
  const old = await rawGet(server, "GET /x HTTP/1.0", "Accept: */*")
  expect(await firstBytes(old)).toContain(`\r\n\r\nhttp://127.0.0.1:${server.port}/x`)
  const socket = await rawGet(server, "GET /x HTTP/1.1", "Accept: */*")
  expect(await firstBytes(socket)).toMatch(/^HTTP\/1.1 400 /)
  socket.destroy()
})

test("a path that looks like a host stays a path", async () => {
  const { server } = await serving((request) => new Response(request.url))
  const socket = await rawGet(server, "GET //evil.example/x HTTP/1.1", "Host: localhost:1")
  expect(await firstBytes(socket)).toContain("http://localhost:1//evil.example/x")
  socket.destroy()
})
