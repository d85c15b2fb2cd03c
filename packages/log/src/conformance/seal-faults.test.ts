import { expect, test } from "vitest"
import type { Level } from "../log.ts"
import type { Commit, CommitResult, LogBackend, LogCursor } from "../log-backend.ts"
import { MemoryBackend } from "../memory-log.ts"
import type { Offset } from "../offset.ts"
import { toRecordBatch } from "../record-batch.ts"
import { logConformance } from "./log-conformance.ts"
import {
  changedReads,
  claimsThatFail,
  forked,
  KeptBackend,
  type PlantedFault,
  subject,
} from "./planted-fault.ts"

const FAULTS: Record<string, PlantedFault> = {
  "is not sealed when it was told to": {
    only: /seal/,
    finds: /seal\(\) stores what was accepted/,
    backend: () =>
      new (class extends MemoryBackend {
        override async seal(): Promise<void> {}
        override async sealed(): Promise<boolean> {
          return false
        }
      })(),
  },
  "tells followers of the seal before the last records": {
    only: /seal/,
    finds: /followers of a log that is sealed/,
    backend: () =>
      new (class extends MemoryBackend {
        override read(from: Offset, lend?: boolean): LogCursor {
          const cursor = super.read(from, lend)
          let late = 3
          return {
            close: () => cursor.close(),
            next: async () => ((await this.sealed()) && late-- > 0 ? undefined : cursor.next()),
          }
        }
      })(),
  },
  "is unsealed by a trim": {
    only: /a sealed log can be trimmed/,
    finds: /a sealed log can be trimmed/,
    backend: () =>
      new (class extends MemoryBackend {
        #trims = 0
        override async trim(before: Offset): Promise<void> {
          this.#trims++
          await super.trim(before)
        }
        override async sealed(): Promise<boolean> {
          return (await super.sealed()) && this.#trims < 2
        }
      })(),
  },
  "forgets its seal when it is closed": {
    only: /a seal is there after reopening/,
    finds: /a seal is there after reopening/,
    backend: () =>
      new (class extends KeptBackend {
        override async sealed(): Promise<boolean> {
          return this.openings === 0 && (await super.sealed())
        }
      })(),
  },
  "acknowledges with less than it was asked for": {
    only: /level/,
    finds: /a pipe that asks for a level/,
    backend: () =>
      new (class extends MemoryBackend {
        override readonly level: Level = "process"
        override async commit(commit: Commit): Promise<CommitResult> {
          return { ...(await super.commit(commit)), level: "memory" }
        }
        override async fork(at: Offset, name: string): Promise<LogBackend> {
          return forked(await super.fork(at, name), { level: this.level })
        }
      })(),
  },
  "keeps no more than 300 bytes of a record": {
    only: /the same input has|under every chunking|a copy of a log/,
    finds: /the same input has/,
    backend: () =>
      new (class extends MemoryBackend {
        override read(from: Offset, lend?: boolean): LogCursor {
          return changedReads(super.read(from, lend), (batch) => {
            const records = Array.from(batch, ({ data }) => data.subarray(0, 300))
            const bytes = records.flatMap((data) => [
              0,
              0,
              data.length >> 8,
              data.length & 255,
              ...data,
            ])
            const { offset, count } = batch
            const init = { offset, count, framing: "sized", bytes: new Uint8Array(bytes) } as const
            return records.every((data) => data.length < 300) ? batch : toRecordBatch(init)
          })
        }
      })(),
  },
  "turns a batch of many records around": {
    only: /under every chunking/,
    finds: /under every chunking/,
    backend: () =>
      new (class extends MemoryBackend {
        override commit(commit: Commit): Promise<CommitResult> {
          if (!commit.runs.some(({ count, framing }) => count > 6 && framing === "sized")) {
            return super.commit(commit)
          }
          const bytes = commit.bytes.map((byte) => byte ^ (byte > 64 ? 1 : 0))
          return super.commit({ ...commit, bytes })
        }
      })(),
  },
  "loses a record with its third restart": {
    only: /restarts between appends/,
    finds: /restarts between appends/,
    backend: () =>
      new (class extends KeptBackend {
        override read(from: Offset, lend?: boolean): LogCursor {
          return changedReads(super.read(from, lend), (batch) =>
            this.openings < 3 || batch.count < 2
              ? batch
              : toRecordBatch({ ...batch, count: batch.count, bytes: batch.bytes.map(() => 10) }),
          )
        }
      })(),
  },
}

for (const [fault, { backend, only, finds }] of Object.entries(FAULTS)) {
  test(`only its claims find a log that ${fault}`, async () => {
    const failed = await claimsThatFail(backend)
    expect(failed.filter((name) => finds.test(name))).not.toEqual([])
    expect(failed.filter((name) => !only.test(name))).toEqual([])
  })
}

test("a backend without a fault holds every claim, also when it is opened again", async () => {
  for (const backend of [() => new MemoryBackend(), () => new KeptBackend()]) {
    let held = 0
    for (const { run, skip } of logConformance(subject(backend))) {
      if (skip !== undefined) continue
      await run()
      held++
    }
    expect(held).toBeGreaterThan(60)
  }
})
