import { duplexPair } from "@bellmouth/core"
import { describe, expect, test } from "vitest"
import { connect } from "./connect.ts"
import { connectObjects } from "./objects/connect-objects.ts"
import { MuxError } from "./wire/mux-error.ts"

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

  test("A handler that fails with what can not be asked its name ends only its channel", async () => {
    const { client, server, open, ask } = pair()
    const unnamed = new Error("private")
    Object.defineProperty(unnamed, "name", {
      get() {
        throw new Error("It has no name")
      },
    })
    const { proxy: revoked, revoke } = Proxy.revocable(new Error("private"), {})
    revoke()
    for (const failure of [unnamed, revoked]) {
      server.handle(() => {
        throw failure
      })
      await expect(ask()).rejects.toMatchObject({ code: "INTERNAL" })
      server.handle(() => Promise.reject(failure))
      await expect(ask()).rejects.toMatchObject({ code: "INTERNAL" })
      server.serve(() => Promise.reject(failure))
      await expect(open().readable.getReader().read()).rejects.toMatchObject({ code: "INTERNAL" })
      server.serve(({ writable }) => writable.abort(failure))
      await expect(open().readable.getReader().read()).rejects.toMatchObject({ code: "INTERNAL" })
      const aborter = new AbortController()
      server.serve(({ finished }) => finished)
      const { readable } = client.open(HEAD, { signal: aborter.signal })
      aborter.abort(failure)
      expect(
        await readable
          .getReader()
          .read()
          .catch((error: unknown) => error === failure),
      ).toBe(true)
    }
    server.handle(() => HEAD)
    expect(await ask()).toEqual(HEAD)
    await client.abort(unnamed)
    await expect(client.closed).rejects.toMatchObject({ code: "INTERNAL", cause: unnamed })
  })

  test.each([
    ["nothing", undefined, "INTERNAL"],
    ["an error", new Error("private"), "INTERNAL"],
    ["an error of the application", new MuxError("APPLICATION", "public"), "APPLICATION"],
    ["an AbortError", new DOMException("enough", "AbortError"), "CANCELLED"],
  ])("A handler that throws %s says the same to who writes", async (_, failure, code) => {
    const { client, server, open } = pair()
    server.serve(() => {
      throw failure
    })
    const channel = open()
    const { readable, writable, finished } = channel
    await expect(readable.getReader().read()).rejects.toMatchObject({ code })
    await expect(writable.getWriter().closed).rejects.toMatchObject({ code })
    await expect(finished).rejects.toMatchObject({ code })
    await client.close()
  })

  test("A writable that is aborted without a reason is given up, and has not failed", async () => {
    const { client, server, open } = pair()
    server.serve(({ writable }) => writable.abort())
    await expect(open().readable.getReader().read()).rejects.toMatchObject({ code: "CANCELLED" })
    await client.close()
  })
})
