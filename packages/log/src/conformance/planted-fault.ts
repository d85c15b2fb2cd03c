import type { Log, LogSupports, RecordBatch } from "../log.ts"
import type { LogBackend, LogCursor } from "../log-backend.ts"
import { MemoryBackend } from "../memory-log.ts"
import type { Offset } from "../offset.ts"
import { openLog } from "../open-log.ts"
import type { ConformanceLog, ConformanceSubject } from "./conformance-case.ts"
import { logConformance } from "./log-conformance.ts"

/** A backend with a fault. */
export interface PlantedFault {
  readonly backend: () => MemoryBackend
  /** The claims that may find it, */
  readonly only: RegExp
  /** and the one that has to. */
  readonly finds: RegExp
}

/** A backend that stays when its log is closed, to be opened again; `openings` counts. */
export class KeptBackend extends MemoryBackend {
  override readonly supports: LogSupports = { ...new MemoryBackend().supports, reopen: true }
  openings = 0
  override async fork(at: Offset, name: string): Promise<LogBackend> {
    return forked(await super.fork(at, name), { supports: this.supports })
  }
}

/** A fork with some parts of its own. */
export function forked(fork: LogBackend, parts: Partial<LogBackend>): LogBackend {
  return new Proxy(fork, {
    get(target, name) {
      const part: unknown = Reflect.get(name in parts ? parts : target, name)
      return typeof part === "function" && !(name in parts) ? part.bind(target) : part
    },
  })
}

export function subject(backend: () => MemoryBackend): ConformanceSubject {
  return { supports: backend().supports, create: async () => conformanceLog(backend()) }
}

/** A log that is opened again on the same backend. */
function conformanceLog(backend: LogBackend): ConformanceLog {
  let fork: LogBackend | undefined
  const watched = forked(backend, {
    async fork(at, name) {
      fork = await backend.fork(at, name)
      return fork
    },
  })
  const log = openLog(watched)
  return {
    log,
    async reopen() {
      if (backend instanceof KeptBackend) backend.openings++
      return openLog(watched)
    },
    async fork(at) {
      const made = await log.fork(at, "fork")
      return fork === undefined ? { log: made } : { log: made, reopen: reopening(fork) }
    },
  }
}

const reopening = (backend: LogBackend) => async (): Promise<Log> => openLog(backend)

/** A cursor whose batches are changed on their way. */
export function changedReads(
  cursor: LogCursor,
  change: (batch: RecordBatch) => RecordBatch,
): LogCursor {
  return {
    close: () => cursor.close(),
    async next() {
      const batch = await cursor.next()
      return batch === undefined ? undefined : change(batch)
    },
  }
}

/** The names of the claims that a backend does not hold. */
export async function claimsThatFail(backend: () => MemoryBackend): Promise<string[]> {
  const failed: string[] = []
  for (const { name, run, skip } of logConformance(subject(backend))) {
    if (skip === undefined) await run().catch(() => failed.push(name))
  }
  return failed
}
