import { Worker } from "node:worker_threads"
import { expect, test } from "vitest"
import { workerTransport } from "./worker-transport.ts"

test("What a worker has failed with is why its connection is lost", async () => {
  const worker = new Worker(`throw new RangeError("It is full")`, { eval: true })
  const { readable, writable } = workerTransport(worker)
  const lost = { code: "CONNECTION_LOST", cause: { name: "RangeError", message: "It is full" } }
  await expect(readable.getReader().read()).rejects.toMatchObject(lost)
  await expect(writable.getWriter().closed).rejects.toMatchObject(lost)
})

test("A worker echoes, and one that is terminated is a lost connection", async () => {
  const code = `
    import { parentPort } from "node:worker_threads"
    import { messagePortTransport } from ${JSON.stringify(import.meta.resolve("@bellmouth/mux/transports"))}
    const { readable, writable } = messagePortTransport(parentPort)
    for await (const chunk of readable) await writable.getWriter().write(chunk)`
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`))
  const { readable, writable } = workerTransport(worker)
  const reader = readable.getReader()
  const writer = writable.getWriter()
  await writer.write(Uint8Array.of(1, 2, 3))
  expect((await reader.read()).value).toEqual(Uint8Array.of(1, 2, 3))
  await worker.terminate()
  await expect(reader.read()).rejects.toMatchObject({ code: "CONNECTION_LOST" })
  await expect(writer.closed).rejects.toMatchObject({ code: "CONNECTION_LOST" })
  expect(worker.listenerCount("message")).toBe(0)
})
