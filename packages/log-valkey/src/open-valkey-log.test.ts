import { type ConformanceCase, logConformance } from "@bellmouth/log/conformance"
import { Redis as IoRedis } from "ioredis"
import { Redis } from "iovalkey"
import { createClient, RESP_TYPES } from "redis"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { valkeySubject } from "../../../test/valkey/log-subject.ts"
import { hasServer, type Kind, type Server, startServer } from "../../../test/valkey/server.ts"
import { fromIovalkey } from "./from-iovalkey.ts"
import { fromNodeRedis } from "./from-node-redis.ts"
import { openValkeyLog, type ValkeyLogOptions } from "./open-valkey-log.ts"
import type { ValkeyClient } from "./valkey-client.ts"

const ALWAYS = { appendonly: "yes", appendfsync: "always" }
const EVERY_SECOND = { appendonly: "yes", appendfsync: "everysec" }

const CLIENTS: Readonly<Record<string, (server: Server) => ValkeyClient>> = {
  iovalkey: ({ host, port }) => fromIovalkey(new Redis({ host, port, lazyConnect: true })),
  ioredis: ({ host, port }) => fromIovalkey(new IoRedis({ host, port, lazyConnect: true })),
  redis({ host, port }) {
    const commandOptions = { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } }
    return fromNodeRedis(createClient({ socket: { host, port }, commandOptions }))
  },
}

interface Setting {
  readonly kind: Kind
  readonly client: keyof typeof CLIENTS
  readonly settings: Readonly<Record<string, string>>
  readonly options?: ValkeyLogOptions
  readonly readsAhead?: boolean
  /** Which claims, when not all. */
  readonly only?: RegExp
}

const SETTINGS: Readonly<Record<string, Setting>> = {
  "Valkey, synced, by iovalkey": { kind: "valkey", client: "iovalkey", settings: ALWAYS },
  "Valkey, synced, by ioredis": { kind: "valkey", client: "ioredis", settings: ALWAYS },
  "Valkey, synced, by node-redis": { kind: "valkey", client: "redis", settings: ALWAYS },
  "Valkey without a file, by iovalkey": { kind: "valkey", client: "iovalkey", settings: {} },
  // Each commit waits for the sync that comes once a second.
  "Valkey, WAITAOF, by iovalkey": {
    kind: "valkey",
    client: "iovalkey",
    settings: EVERY_SECOND,
    readsAhead: true,
    only: /declares|sends again, and stored once|gets a level|two writers|is sealed get/,
  },
  "Redis 7.0, synced, by ioredis": { kind: "redis", client: "ioredis", settings: ALWAYS },
}

for (const [name, setting] of Object.entries(SETTINGS)) {
  describe.skipIf(!(await hasServer(setting.kind)))(name, () => {
    let server: Server | undefined
    let client: ValkeyClient | undefined
    beforeAll(async () => {
      server = await startServer({ kind: setting.kind, settings: setting.settings })
      client = CLIENTS[setting.client]?.(server)
    })
    afterAll(() => server?.stop())
    const late: ValkeyClient = {
      connect: (...args) => (client ?? expect.fail("no client")).connect(...args),
    }
    const { options, readsAhead, only } = setting
    const cases = logConformance(valkeySubject(late, options, readsAhead))
    const wanted = (each: ConformanceCase): boolean => only === undefined || only.test(each.name)
    for (const { name: claim, run, skip } of cases.filter(wanted)) {
      test.skipIf(skip !== undefined)(claim, run)
    }

    test("the level is what the server gives", async () => {
      await using log = await openValkeyLog(late, "level")
      expect(log.level).toBe(setting.settings === ALWAYS || readsAhead ? "disk" : "process")
      await using process = await openValkeyLog(late, "level", { level: "process" })
      expect(process.level).toBe("process")
    })
  })
}
