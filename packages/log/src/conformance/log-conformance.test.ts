import { expect, test } from "vitest"
import type { RecordBatch } from "../log.ts"
import type { Commit, CommitResult, LogCursor } from "../log-backend.ts"
import { MemoryBackend } from "../memory-log.ts"
import { type Offset, toOffset } from "../offset.ts"
import { openLog } from "../open-log.ts"
import { toRecordBatch } from "../record-batch.ts"
import { logConformance } from "./log-conformance.ts"

/** A cursor whose batches are changed on their way. */
function changed(
  cursor: LogCursor,
  change: (batch: RecordBatch) => RecordBatch | undefined,
): LogCursor {
  return {
    close: () => cursor.close(),
    async next() {
      const batch = await cursor.next()
      return batch === undefined ? undefined : change(batch)
    },
  }
}

/** Backends with a planted fault each, and a claim that has to find it. */
const MUTANTS: Record<string, { readonly backend: () => MemoryBackend; readonly claim: RegExp }> = {
  "acknowledges every commit at 0": {
    claim: /each chunk gets one acknowledgement/,
    backend: () =>
      new (class extends MemoryBackend {
        override async commit(commit: Commit): Promise<CommitResult> {
          await super.commit(commit)
          return { offset: toOffset(0) }
        }
      })(),
  },
  "acknowledges before it stores": {
    claim: /close\(\) of writable\(\) resolves when everything is there/,
    backend: () =>
      new (class extends MemoryBackend {
        #tail = 0
        override async commit(commit: Commit): Promise<CommitResult> {
          const offset = toOffset(this.#tail)
          this.#tail += commit.count
          const kept = { ...commit, bytes: commit.bytes.slice() }
          setTimeout(() => void super.commit(kept), 1)
          return { offset }
        }
      })(),
  },
  "loses the last record of each commit": {
    claim: /an acknowledged record is there to read/,
    backend: () =>
      new (class extends MemoryBackend {
        override read(from: Offset): LogCursor {
          return changed(super.read(from), ({ offset, count, framing, bytes }) =>
            toRecordBatch({ offset, count: Math.max(1, count - 1), framing, bytes }),
          )
        }
      })(),
  },
  "keeps the lent bytes of a commit": {
    claim: /the producer may fill its buffer anew|an acknowledged record is there/,
    backend: () =>
      new (class extends MemoryBackend {
        override commit(commit: Commit): Promise<CommitResult> {
          const lent = commit.bytes
          const kept = Object.assign(lent.subarray(), { slice: () => lent })
          return super.commit({ ...commit, bytes: kept })
        }
      })(),
  },
  "skips a batch": {
    claim: /an acknowledged record is there to read|many pipes at once/,
    backend: () =>
      new (class extends MemoryBackend {
        override read(from: Offset): LogCursor {
          const cursor = super.read(from)
          return {
            close: () => cursor.close(),
            async next() {
              const batch = await cursor.next()
              return batch !== undefined && batch.offset % 7 === 3 ? cursor.next() : batch
            },
          }
        }
      })(),
  },
  "reads one record too late": {
    claim: /replay begins and ends where it is told/,
    backend: () =>
      new (class extends MemoryBackend {
        override read(from: Offset): LogCursor {
          return super.read(toOffset(from === 0 ? 0 : from + 1))
        }
      })(),
  },
  "says that it is the same log as every other": {
    claim: /two logs have two identities/,
    backend: () =>
      new (class extends MemoryBackend {
        override readonly id = "log"
      })(),
  },
  "says that it can what it can not": {
    claim: /the log can do what its backend declares/,
    backend: () =>
      new (class extends MemoryBackend {
        override readonly supports = {
          append: true,
          producers: true,
          trim: true,
          seal: true,
          fork: "shared" as const,
          reopen: true,
          manyWriters: true,
        }
      })(),
  },
  "takes batches of any size": {
    claim: /a chunk over the limit is refused/,
    backend: () => new MemoryBackend({ maxBatchBytes: 2 ** 31 }),
  },
}

for (const [fault, { backend, claim }] of Object.entries(MUTANTS)) {
  test(`the suite finds a log that ${fault}`, async () => {
    const { supports } = new MemoryBackend()
    const cases = logConformance({ supports, create: async () => ({ log: openLog(backend()) }) })
    const failed: string[] = []
    for (const { name, run, skip } of cases) {
      if (skip !== undefined || !claim.test(name)) continue
      await run().catch(() => failed.push(name))
    }
    expect(failed.length).toBeGreaterThan(0)
  })
}
