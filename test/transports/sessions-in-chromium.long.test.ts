import { once } from "node:events"
import { createServer } from "node:http"
import type { Session } from "@bellmouth/mux"
import { toUpgradeHandler } from "@bellmouth/node"
import { expect, test } from "vitest"
import { WebSocketServer } from "ws"
import { runIn } from "../../scripts/run-in.ts"
import { serveSessions } from "./serve-sessions.ts"
import type { SessionResult } from "./sessions-in-chromium.ts"

test("A session between a page and Node, and a page and a worker, does what a session does", async () => {
  const served: Session[] = []
  const onUpgrade = toUpgradeHandler((transport) => void served.push(serveSessions(transport)), {
    WebSocketServer,
    origins: ["http://localhost"],
  })
  const server = createServer().on("upgrade", onUpgrade)
  await once(server.listen(0, "127.0.0.1"), "listening")
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  const { code, values, output } = await runIn(
    "test/transports/sessions-in-chromium.ts",
    "chromium",
    { args: [`ws://127.0.0.1:${port}`], timeoutMs: 60_000 },
  )
  server.close()
  server.closeAllConnections()
  const results = values as readonly SessionResult[]
  expect(results.filter(({ error }) => error !== "")).toEqual([])
  expect(code, output).toBe(0)
  expect(results.map(({ over }) => over)).toEqual([
    ...Array.from({ length: 6 }, () => "a WebSocket to Node"),
    ...Array.from({ length: 6 }, () => "a port to a worker"),
  ])
  expect(served).toHaveLength(1)
  await Promise.all(served.map(({ closed }) => closed))
})
