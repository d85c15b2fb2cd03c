import { expect, test } from "vitest"
import type { LogBackend, LogCursor } from "../log-backend.ts"
import { MemoryBackend } from "../memory-log.ts"
import { type Offset, toOffset } from "../offset.ts"
import { ProducerTable } from "../producer-table.ts"
import { claimsThatFail, forked, type PlantedFault } from "./planted-fault.ts"

const FAULTS: Record<string, PlantedFault> = {
  "forks at the end of a batch": {
    only: /fork/,
    finds: /a fork has the records before its offset/,
    backend: () =>
      new (class extends MemoryBackend {
        override async fork(at: Offset, name: string): Promise<LogBackend> {
          const end = at === 2 ? 4 : at
          return super.fork(toOffset(Math.min(end, await this.tail())), name)
        }
      })(),
  },
  "gives its fork its identity": {
    only: /identity of its own/,
    finds: /identity of its own/,
    backend: () =>
      new (class extends MemoryBackend {
        override async fork(at: Offset, name: string): Promise<LogBackend> {
          return forked(await super.fork(at, name), { id: this.id })
        }
      })(),
  },
  "is its own fork": {
    only: /fork/,
    finds: /what is appended to a log is not seen in its fork/,
    backend: () =>
      new (class extends MemoryBackend {
        override async fork(at: Offset, name: string): Promise<LogBackend> {
          return at === 10 || at === 7 ? this : super.fork(at, name)
        }
      })(),
  },
  "takes its fork along when it is closed": {
    only: /a fork outlives its origin|after reopening/,
    finds: /a fork outlives its origin/,
    backend: () =>
      new (class extends MemoryBackend {
        #isClosed = false
        override async close(): Promise<void> {
          this.#isClosed = true
        }
        override async fork(at: Offset, name: string): Promise<LogBackend> {
          const fork = await super.fork(at, name)
          const read = (from: Offset, lend: boolean): LogCursor => {
            if (this.#isClosed) throw new Error("the records are gone")
            return fork.read(from, lend)
          }
          return forked(fork, { read })
        }
      })(),
  },
  "takes from its fork what it trims": {
    only: /what a log trims stays in its fork/,
    finds: /what a log trims stays in its fork/,
    backend: () =>
      new (class extends MemoryBackend {
        override async fork(at: Offset, name: string): Promise<LogBackend> {
          const fork = await super.fork(at, name)
          const start = async (): Promise<Offset> =>
            toOffset(Math.min(at, Math.max(await fork.start(), await this.start())))
          return forked(fork, { start })
        }
      })(),
  },
  "begins its fork with offset 0": {
    only: /a fork of a trimmed log begins where the log does/,
    finds: /a fork of a trimmed log begins where the log does/,
    backend: () =>
      new (class extends MemoryBackend {
        override async fork(at: Offset, name: string): Promise<LogBackend> {
          const fork = await super.fork(at, name)
          let isFresh = true
          const start = async (): Promise<Offset> => (isFresh ? toOffset(0) : fork.start())
          const trim = async (before: Offset): Promise<void> => {
            isFresh = false
            await fork.trim(before)
          }
          return forked(fork, { start, trim })
        }
      })(),
  },
  "seals the fork of a sealed log": {
    only: /a fork of a sealed log is not sealed/,
    finds: /a fork of a sealed log is not sealed/,
    backend: () =>
      new (class extends MemoryBackend {
        override async fork(at: Offset, name: string): Promise<LogBackend> {
          const fork = await super.fork(at, name)
          if (await this.sealed()) await fork.seal()
          return fork
        }
      })(),
  },
  "forgets the producers in its fork": {
    only: /a fork knows the producers|fork's offset cuts|a fork far back|what a fork knows/,
    finds: /a fork knows the producers/,
    backend: () =>
      new (class extends MemoryBackend {
        override async fork(at: Offset, name: string): Promise<LogBackend> {
          return forked(await super.fork(at, name), { producers: new ProducerTable() })
        }
      })(),
  },
  "gives its fork the producers as they are now": {
    only: /a fork knows the producers|fork's offset cuts|a fork far back|what a fork knows/,
    finds: /a fork knows the producers/,
    backend: () =>
      new (class extends MemoryBackend {
        override async fork(at: Offset, name: string): Promise<LogBackend> {
          const producers = new ProducerTable()
          producers.restore(this.producers?.snapshot() ?? [])
          return forked(await super.fork(at, name), { producers })
        }
      })(),
  },
  "gives its fork what it still knows of the producers": {
    only: /a fork far back knows what the log has forgotten/,
    finds: /a fork far back knows what the log has forgotten/,
    backend: () =>
      new (class extends MemoryBackend {
        override async fork(at: Offset, name: string): Promise<LogBackend> {
          const producers = new ProducerTable()
          for (const { id, epoch, batches } of this.producers?.snapshot() ?? []) {
            producers.restore([{ id, epoch, batches: batches.filter(({ offset }) => offset < at) }])
          }
          return forked(await super.fork(at, name), { producers })
        }
      })(),
  },
  "takes a batch that a fork cuts for one that was never sent": {
    only: /a batch that a fork's offset cuts in two/,
    finds: /a batch that a fork's offset cuts in two/,
    backend: () =>
      new (class extends MemoryBackend {
        override async fork(at: Offset, name: string): Promise<LogBackend> {
          const fork = await super.fork(at, name)
          const producers = new ProducerTable()
          for (const { id, epoch, batches } of fork.producers?.snapshot() ?? []) {
            const whole = batches.filter(
              ({ count, sequence }) =>
                count !== 2 ||
                sequence !== 1 ||
                at !== 3 ||
                batches[0]?.offset !== 0 ||
                this.#isWhole(id),
            )
            producers.restore([{ id, epoch, batches: whole }])
          }
          return forked(fork, { producers })
        }
        #isWhole(id: string): boolean {
          const known = this.producers?.snapshot().find((state) => state.id === id)
          return known?.batches[1]?.count === 2
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
