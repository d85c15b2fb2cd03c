import { expect, test } from "vitest"
import { webSocketStreamTransport } from "./web-socket-stream-transport.ts"

test("A socket that does not open fails both streams, and nothing else", async () => {
  const unhandled: unknown[] = []
  const onUnhandled = (reason: unknown): void => void unhandled.push(reason)
  process.on("unhandledRejection", onUnhandled)
  const failed = new Error("planted")
  const { readable, writable } = webSocketStreamTransport({
    opened: Promise.reject(failed),
    closed: Promise.reject(failed),
    close() {},
  })
  const error = { code: "CONNECT_FAILED", cause: failed }
  await expect(readable.getReader().read()).rejects.toMatchObject(error)
  await expect(writable.getWriter().closed).rejects.toMatchObject(error)
  await new Promise((resolve) => setImmediate(resolve))
  process.off("unhandledRejection", onUnhandled)
  expect(unhandled).toEqual([])
})
