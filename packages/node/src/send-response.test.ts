import { once } from "node:events"
import { expect, test } from "vitest"
import { rawGet, serving } from "../testing/serving.ts"

const bytes = (text: string) => new TextEncoder().encode(text)

test.each([
  ["fewer bytes than", "3", "12", true],
  ["more bytes than", "12345", "3", true],
  ["nothing in spite of", "", "3", false],
  ["no number as", "123", "three", true],
])(
  "a body that has %s its content-length is never followed by another response",
  async (_how, body, length, isBegun) => {
    const { server, errors } = await serving(
      () => new Response(body || null, { headers: { "content-length": length } }),
    )
    const socket = await rawGet(server)
    let received = ""
    socket.on("data", (chunk) => {
      received += String(chunk)
    })
    if (isBegun) await once(socket, "close")
    else await once(socket, "data")
    socket.destroy()
    expect(received).toMatch(isBegun ? /^HTTP\/1.1 200 / : /^HTTP\/1.1 500 /)
    if (body.length > Number(length)) expect(received).not.toContain(body)
    expect(errors).toMatchObject([{ code: "LENGTH_MISMATCH" }])
  },
)

test("a body of the length that its headers say leaves the connection open", async () => {
  const { server, errors } = await serving((request) => {
    const body = request.method === "HEAD" ? null : new Blob(["1234"]).stream()
    return new Response(body, { headers: { "content-length": "4" } })
  })
  const head = await fetch(server.url, { method: "HEAD" })
  expect([head.headers.get("content-length"), await head.text()]).toEqual(["4", ""])
  expect(await (await fetch(server.url)).text()).toBe("1234")
  expect(errors).toEqual([])
})

test.each([
  ["a chunk that is no bytes", {}, 7],
  ["a header that Node.js refuses", { "x-bell": "\u0007" }, bytes("x")],
])("%s cancels the body with the error that is reported", async (_name, headers, chunk) => {
  const cancelled = Promise.withResolvers<unknown>()
  const { server, errors } = await serving(() => {
    const body = new ReadableStream({
      pull: (controller) => controller.enqueue(chunk),
      cancel: cancelled.resolve,
    })
    return new Response(body, { headers })
  })
  const answered = fetch(server.url).then((response) => response.text())
  expect(errors).toEqual([])
  await answered.catch(() => {}) // Cut, or a 500.
  expect([await cancelled.promise]).toEqual(errors)
  expect(errors.length).toBe(1)
})
