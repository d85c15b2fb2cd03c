import type { ConformanceSubject } from "@bellmouth/log/conformance"
import {
  openValkeyLog,
  type ValkeyClient,
  type ValkeyLog,
  type ValkeyLogOptions,
} from "@bellmouth/log-valkey"

/** What every log in Valkey supports. */
export const SUPPORTS = {
  append: true,
  producers: true,
  trim: true,
  seal: true,
  fork: "copy",
  reopen: true,
  manyWriters: true,
  readsAhead: false,
} as const

/** The logs of a client, each under a name of its own, for the suite. */
export function valkeySubject(
  client: ValkeyClient,
  options: ValkeyLogOptions = {},
  readsAhead = false,
): ConformanceSubject {
  const open = (name: string): Promise<ValkeyLog> => openValkeyLog(client, name, options)
  const names = new WeakMap<object, string>()
  return {
    supports: { ...SUPPORTS, readsAhead },
    async create() {
      const name = crypto.randomUUID()
      const log = await open(name)
      names.set(log, name)
      return {
        log,
        reopen: () => open(name),
        async fork(at) {
          const forkName = crypto.randomUUID()
          return { log: await log.fork(at, forkName), reopen: () => open(forkName) }
        },
      }
    },
    beside: (log) => open(names.get(log) ?? ""),
  }
}
