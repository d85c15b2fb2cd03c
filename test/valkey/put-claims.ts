import { type ConformanceCase, logConformance } from "@bellmouth/log/conformance"
import {
  fromIovalkey,
  fromNodeRedis,
  openValkeyLog,
  type ValkeyClient,
  type ValkeyLogOptions,
} from "@bellmouth/log-valkey"
import { Redis as IoRedis } from "ioredis"
import { Redis } from "iovalkey"
import { createClient, RESP_TYPES } from "redis"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { valkeySubject } from "./log-subject.ts"
import { hasServer, type Kind, type Server, startServer } from "./server.ts"

export const ALWAYS = { appendonly: "yes", appendfsync: "always" }
export const EVERY_SECOND = { appendonly: "yes", appendfsync: "everysec" }

const CLIENTS: Readonly<Record<string, (server: Server) => ValkeyClient>> = {
  iovalkey: ({ host, port }) => fromIovalkey(new Redis({ host, port, lazyConnect: true })),
  ioredis: ({ host, port }) => fromIovalkey(new IoRedis({ host, port, lazyConnect: true })),
  redis({ host, port }) {
    const commandOptions = { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } }
    return fromNodeRedis(createClient({ socket: { host, port }, commandOptions }))
  },
}

/** A server, a client, and what they are put to. */
export interface ClaimSetting {
  readonly kind: Kind
  readonly client: keyof typeof CLIENTS
  readonly settings: Readonly<Record<string, string>>
  readonly options?: ValkeyLogOptions
  readonly readsAhead?: boolean
  /** Which claims, when not all. */
  readonly only?: RegExp
}

/** Puts the claims of every log to a server, by a client. */
export async function putClaims(name: string, setting: ClaimSetting): Promise<void> {
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
