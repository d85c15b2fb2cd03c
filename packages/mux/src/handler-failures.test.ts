import { duplexPair } from "@bellmouth/core"
import { describe, expect, test } from "vitest"
import { connect } from "./connect.ts"
import { connectObjects } from "./objects/connect-objects.ts"

const HEAD = new Uint8Array(1)

function ofBytes() {
  const [here, there] = duplexPair<Uint8Array>()
  const [client, server] = [connect(here), connect(there)]
  return { client, server, open: () => client.open(HEAD), ask: () => client.request(HEAD) }
}

function ofObjects() {
  const { port1, port2 } = new MessageChannel()
  const [client, server] = [connectObjects(port1), connectObjects(port2)]
  return { client, server, open: () => client.open(HEAD), ask: () => client.request(HEAD) }
}

describe.each([
  ["bytes", ofBytes],
  ["objects", ofObjects],
] as const)("Sessions of %s", (_, pair) => {
  test.each([[undefined], [null]])(
    "A handler that throws %s has failed, also where it does so later",
    async (nothing) => {
      const { client, server, open, ask } = pair()
      server.handle(() => {
        throw nothing
      })
      await expect(ask()).rejects.toMatchObject({ code: "INTERNAL" })
      server.handle(() => Promise.reject(nothing))
      await expect(ask()).rejects.toMatchObject({ code: "INTERNAL" })

      const { promise: served, resolve } = Promise.withResolvers<Promise<void>>()
      server.serve(async ({ finished }) => {
        resolve(finished)
        finished.catch(() => {}) // looked at below
        await client.ready
        throw nothing
      })
      await expect(open().readable.getReader().read()).rejects.toMatchObject({ code: "INTERNAL" })
      await expect(served).rejects.toMatchObject({ code: "INTERNAL" })
      await client.close()
    },
  )

  test("A writable that is aborted without a reason is given up, and has not failed", async () => {
    const { client, server, open } = pair()
    server.serve(({ writable }) => writable.abort())
    await expect(open().readable.getReader().read()).rejects.toMatchObject({ code: "CANCELLED" })
    await client.close()
  })
})
