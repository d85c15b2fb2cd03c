import { logConformance } from "@bellmouth/log/conformance"
import { Redis } from "iovalkey"
import { afterAll, beforeAll, describe, test } from "vitest"
import { valkeySubject } from "../../../test/valkey/log-subject.ts"
import { hasServer, type Server, startServer } from "../../../test/valkey/server.ts"
import { fromIovalkey } from "./from-iovalkey.ts"
import type { ValkeyClient } from "./valkey-client.ts"

describe.skipIf(!(await hasServer()))("a log in Valkey that syncs each write", () => {
  let server: Server | undefined
  let client: ValkeyClient | undefined
  beforeAll(async () => {
    server = await startServer({ settings: { appendonly: "yes", appendfsync: "always" } })
    client = fromIovalkey(new Redis({ host: server.host, port: server.port, lazyConnect: true }))
  })
  afterAll(() => server?.stop())
  const late: ValkeyClient = { connect: (...args) => (client as ValkeyClient).connect(...args) }
  for (const { name, run, skip } of logConformance(valkeySubject(late))) {
    test.skipIf(skip !== undefined)(name, run)
  }
})
