import { duplexPair } from "@bellmouth/core"
import { expect, test } from "vitest"
import { Session } from "./session.ts"

test("A transport that takes several chunks at once gets them in order", async () => {
  const [here, there] = duplexPair<Uint8Array>()
  const [client, server] = [new Session({ isByteStream: true }), new Session()]
  const wire = here.writable.getWriter()
  const eager = new WritableStream<Uint8Array>(
    { write: (chunk) => wire.write(chunk), close: () => wire.close() },
    { highWaterMark: 64 },
  )
  void here.readable.pipeThrough(client).pipeTo(eager)
  void there.readable.pipeThrough(server).pipeTo(there.writable)
  server.serve((channel) => channel.readable.pipeTo(channel.writable))
  const channel = client.open()
  const [writer, reader] = [channel.writable.getWriter(), channel.readable.getReader()]
  for (const sizes of [[1], [20_001, 20_002, 20_003]]) {
    // Each large one is a header and a payload, in a batch of its own.
    for (const size of sizes) void writer.write(new Uint8Array(size))
    for (const size of sizes) expect((await reader.read()).value?.length).toBe(size)
  }
  await writer.close()
  await Promise.all([client.close(), server.close()])
})
