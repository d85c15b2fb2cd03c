import { setTimeout as wait } from "node:timers/promises"
import { createLogHandler, openLogStream, type ReadableLog } from "@bellmouth/http"
import { createMemoryLog, type RecordBatch, START, toOffset, toRecordBatch } from "@bellmouth/log"
import { serveNatively } from "./native-server.ts"
import { RawClient } from "./raw-client.ts"

const encoder = new TextEncoder()
const line = toRecordBatch({
  offset: START,
  count: 1,
  framing: "lines",
  bytes: encoder.encode(`${"x".repeat(65_535)}\n`),
})

/** Serves logs by what the runtime has for that, and tells what its clients have seen. */
export async function main(emit: (value: readonly [string, unknown]) => void): Promise<void> {
  const log = createMemoryLog()
  const writer = log.writable().getWriter()
  for (const text of ["one", "two"]) await writer.write(encoder.encode(text))
  await writer.close()
  let pulls = 0
  let cancelled = Promise.withResolvers<void>()
  const over = (source: UnderlyingDefaultSource<RecordBatch>): ReadableLog => ({
    id: log.id,
    start: () => log.start(),
    tail: async () => toOffset(1e9),
    sealed: () => log.sealed(),
    replayBatches: () => new ReadableStream(source, { highWaterMark: 0 }),
  })
  const pull = (controller: ReadableStreamDefaultController<RecordBatch>): void => {
    pulls++
    controller.enqueue(line)
  }
  const cancel = (): void => cancelled.resolve()
  const logs: Readonly<Record<string, ReadableLog>> = {
    "/": log,
    "/idle": over({ pull: () => new Promise(() => {}), cancel }),
    "/endless": over({ pull, cancel }),
    "/broken": over({
      pull(controller) {
        if (pulls++ > 0) throw new Error("CORRUPT")
        controller.enqueue(line)
      },
    }),
  }
  const options = { heartbeatMs: 50, retryMs: 1, onError: () => {} }
  const server = await serveNatively((request) => {
    const served = logs[new URL(request.url).pathname] ?? log
    return createLogHandler(served, options)(request)
  })
  const { port } = server
  const url = `http://127.0.0.1:${port}/`
  const sse = "Accept: text/event-stream\r\n"

  emit(["a whole body", await (await fetch(url)).text()])
  const head = await fetch(url, { method: "HEAD" })
  emit(["the end, by HEAD", head.headers.get("stream-next-offset")?.slice(log.id.length)])

  const events = await RawClient.get(port, "/", sse)
  emit(["a heartbeat behind the events", (await events.readUntil("\n:\n")).includes("data: two")])
  events.socket.destroy()

  const idle = await RawClient.get(port, "/idle?offset=now", sse)
  await idle.readUntil("retry: ")
  idle.socket.destroy()
  await cancelled.promise
  emit(["an idle replay ends when its client leaves", true])

  cancelled = Promise.withResolvers<void>()
  const slow = await RawClient.get(port, "/endless")
  let seen = 0
  while (pulls === 0 || seen < pulls) {
    seen = pulls
    await wait(200)
  }
  emit(["a client that does not read stops the replay within MB", (seen * 65_536) / 1e6 < 32])
  slow.socket.destroy()
  await cancelled.promise
  emit(["a stalled replay ends when its client leaves", true])
  emit(["complaints of clients that leave", server.complaints])

  pulls = 0
  const broken = await (await RawClient.get(port, "/broken")).readAll()
  emit(["a broken body passes for a whole one", broken.endsWith("\r\n0\r\n\r\n")])

  const texts: string[] = []
  const entries = openLogStream(`${url}?follow=false`, { retryMs: 1 })
  for await (const { data } of entries) texts.push(new TextDecoder().decode(data))
  emit(["what the client reads", texts])
  await server.stop()
}
