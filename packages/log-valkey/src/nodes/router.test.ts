import { expect, test } from "vitest"
import type { ValkeyArgument, ValkeyClient, ValkeyNode } from "../client/valkey-client.ts"
import { Router } from "./router.ts"

const read = { type: "read" } as const

type Server = (command: readonly ValkeyArgument[]) => unknown

/** A client of servers that are functions; where there is none, no connection can be had. */
function clientOf(serverAt: (node: ValkeyNode | undefined) => Server | undefined): ValkeyClient {
  return {
    async connect(node) {
      const server = serverAt(node)
      if (server === undefined) throw new Error("nobody listens there")
      return {
        send: async (command) => server(command),
        subscribe: async () => {},
        unsubscribe: async () => {},
        close: () => {},
      }
    },
  }
}

function get(router: Router): Promise<unknown> {
  return router.request({ key: "a", command: ["GET", "a"], way: read, timeoutMs: 400 })
}

test("servers of which each says that the other has the key are not asked without a pause", async () => {
  let asked = 0
  const server =
    (other: number): Server =>
    ([name]) => {
      if (name === "CLUSTER") return []
      asked++
      throw new Error(`MOVED 1 10.0.0.1:${other}`)
    }
  const router = new Router(clientOf((node) => server(node?.port === 1 ? 2 : 1)))
  await expect(get(router)).rejects.toThrow("MOVED")
  // Five milliseconds at first, each pause twice as long as the one before.
  expect(asked).toBeGreaterThan(4)
  expect(asked).toBeLessThan(20)
})

test("when all servers that are known have gone, that which the client was made for is asked where they are", async () => {
  let host = "10.0.0.1"
  const server: Server = ([name]) => (name === "CLUSTER" ? [[0, 16_383, [host, 6_379]]] : host)
  const router = new Router(
    clientOf((node) => (node === undefined || node.host === host ? server : undefined)),
  )
  await router.discover(100)
  expect(await get(router)).toBe("10.0.0.1")
  host = "10.0.0.2"
  router.link({ host: "10.0.0.1", port: 6_379 }).close()
  expect(await get(router)).toBe("10.0.0.2")
})

test.each([
  ["CLUSTER SLOTS with nothing", "", undefined],
  ["CLUSTER SLOTS with nil", null, undefined],
  ["MOVED", undefined, ":7000"],
  ["MOVED of one that is not to tell", undefined, "?:7000"],
])(
  "a server that does not tell its host by %s is where the client was made for",
  async (_, host, address) => {
    const nodes: (ValkeyNode | undefined)[] = []
    const server =
      (node: ValkeyNode | undefined): Server =>
      ([name]) => {
        if (name === "CLUSTER") return host === undefined ? [] : [[0, 16_383, [host, 7_000]]]
        if (node === undefined) throw new Error(`MOVED 15495 ${address}`)
        return "value"
      }
    const router = new Router(
      clientOf((node) => {
        nodes.push(node)
        return server(node)
      }),
    )
    await router.discover(100)
    expect(await get(router)).toBe("value")
    expect(nodes.at(-1)).toEqual({ host: undefined, port: 7_000 })
  },
)

test("a server that tells what was long ago, as one that was cut off does, is not the only one that is asked", async () => {
  const slots = (port: number): unknown => [
    [0, 100, ["10.0.0.1", 1]],
    [101, 200, ["10.0.0.2", 2]],
    [201, 16_383, ["10.0.0.3", port]],
  ]
  let isOver = false
  const servers: Record<number, Server> = {
    0: () => slots(3),
    1: () => slots(3),
    2: () => slots(isOver ? 4 : 3),
    3: ([name]) => (name === "CLUSTER" ? slots(3) : "before"),
    4: ([name]) => (name === "CLUSTER" ? slots(4) : "after"),
  }
  const router = new Router(
    clientOf((node) => (isOver && node?.port === 3 ? undefined : servers[node?.port ?? 0])),
  )
  await router.discover(100)
  expect(await get(router)).toBe("before")
  isOver = true
  router.link({ host: "10.0.0.3", port: 3 }).close()
  expect(await get(router)).toBe("after")
})

test("a connection that was made before anybody wanted the disk is not written to by who does", async () => {
  const seen: string[] = []
  const router = new Router(
    clientOf(() => ([name]) => {
      seen.push(String(name))
      return name === "CONFIG" ? ["aof-load-truncated", "no"] : "OK"
    }),
  )
  const write = (): Promise<unknown> =>
    router.request({
      key: "a",
      command: ["SET", "a", "b"],
      way: { type: "write" },
      timeoutMs: 400,
    })
  await write()
  router.wantWholeFiles()
  await write()
  await write()
  // Once for each connection.
  router.wantWholeFiles()
  await write()
  expect(seen).toEqual(["SET", "CONFIG", "SET", "SET", "SET"])
})
