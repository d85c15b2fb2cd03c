import fc from "fast-check"
import { expect, test } from "vitest"
import { LogError } from "./log-error.ts"
import { createMemoryLog } from "./memory-log.ts"
import { toOffset } from "./offset.ts"
import { ProducerTable } from "./producer-table.ts"

/** The obvious twin: everything that ever happened, in lists. */
class SlowTable {
  readonly #epochs = new Map<string, Map<number, string[]>>()

  judge(id: string, epoch: number, sequence: number): string {
    const epochs = this.#epochs.get(id) ?? new Map<number, string[]>()
    const current = Math.max(-1, ...epochs.keys())
    if (epoch < current) return "FENCED"
    const batches = epochs.get(epoch) ?? []
    if (sequence > batches.length) return "SEQUENCE_GAP"
    if (sequence < batches.length) return `repeat ${batches[sequence]}`
    this.#epochs.set(id, epochs.set(epoch, [...batches, ""]))
    return "new"
  }

  settle(id: string, epoch: number, sequence: number, at: string): void {
    const batches = this.#epochs.get(id)?.get(epoch)
    if (batches !== undefined) batches[sequence] = at
  }
}

test("a table judges as its obvious twin does, and after a snapshot as before", () => {
  const seen = new Map<string, number>()
  const step = fc.record({
    id: fc.constantFrom("a", "b"),
    epoch: fc.constantFrom(0, 0, 0, 1),
    sequence: fc.nat(3),
    reload: fc.nat(9),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let table = new ProducerTable()
      const slow = new SlowTable()
      let offset = 0
      for (const { reload, ...batch } of steps) {
        if (reload === 0) {
          const snapshot = table.snapshot()
          table = new ProducerTable()
          table.restore(snapshot)
        }
        const wanted = slow.judge(batch.id, batch.epoch, batch.sequence)
        let verdict: string
        try {
          const judged = table.judge(batch)
          verdict = judged.type === "repeat" ? `repeat ${judged.batch.offset}` : judged.type
        } catch (error) {
          if (!(error instanceof LogError)) throw error
          verdict = error.code
        }
        expect(verdict).toBe(wanted)
        seen.set(verdict.split(" ")[0] ?? "", (seen.get(verdict.split(" ")[0] ?? "") ?? 0) + 1)
        if (verdict === "new") {
          table.accept(batch)
          table.settle(batch, toOffset(offset), 2)
          slow.settle(batch.id, batch.epoch, batch.sequence, String(offset))
          offset += 2
        }
      }
    }),
    { numRuns: 1_000 },
  )
  for (const kind of ["new", "repeat", "FENCED", "SEQUENCE_GAP"]) {
    expect(seen.get(kind) ?? 0, kind).toBeGreaterThan(100)
  }
})

test("a snapshot holds what is stored, not what is on its way", () => {
  const table = new ProducerTable()
  const batch = { id: "a", epoch: 4, sequence: 0 }
  table.accept(batch)
  table.settle(batch, toOffset(7), 1)
  table.accept({ ...batch, sequence: 1 })
  table.accept({ ...batch, epoch: 5 })
  const batches = [{ sequence: 0, offset: 7, count: 1 }]
  expect(table.snapshot()).toEqual([{ id: "a", epoch: 4, batches }])
  table.settle({ ...batch, sequence: 1 }, toOffset(8), 1)
  expect(table.judge({ ...batch, epoch: 5 })).toEqual({ type: "pending" })
})

test("a log knows 65,536 producers, and refuses another", () => {
  const table = new ProducerTable()
  for (let n = 0; n < 65_536; n++) table.accept({ id: `${n}`, epoch: 0, sequence: 0 })
  expect(table.judge({ id: "7", epoch: 1, sequence: 0 })).toEqual({ type: "new" })
  const another = { id: "another", epoch: 0, sequence: 0 }
  expect(() => table.judge(another)).toThrow(
    expect.objectContaining({ code: "TOO_MANY_PRODUCERS" }),
  )
})

test("a producer that is none is refused", () => {
  const log = createMemoryLog()
  for (const producer of [
    { id: "", epoch: 0 },
    { id: "x".repeat(1_025), epoch: 0 },
    { id: "\ud800", epoch: 0 },
    { id: "a", epoch: -1 },
    { id: "a", epoch: 0, sequence: 0.5 },
  ]) {
    expect(() => log.append({ producer }), JSON.stringify(producer)).toThrow(RangeError)
  }
  const id = 7 as unknown as string
  expect(() => log.append({ producer: { id, epoch: 0 } })).toThrow(TypeError)
  const both = { producer: { id: "a", epoch: 0 }, expectedTail: toOffset(0) }
  expect(() => log.append(both)).toThrow(TypeError)
})

test("a batch that was accepted and refused when it came to be stored fences nobody", () => {
  const table = new ProducerTable()
  const stored = { id: "one", epoch: 1, sequence: 0 }
  table.accept(stored)
  table.settle(stored, toOffset(4), 2)
  table.accept({ ...stored, sequence: 1 })
  table.accept({ ...stored, epoch: 2 })
  table.accept({ ...stored, id: "another" })
  table.refuse()
  const batch = { sequence: 0, offset: 4, count: 2 }
  expect(table.judge(stored)).toEqual({ type: "repeat", batch })
  expect(table.judge({ ...stored, sequence: 1 })).toEqual({ type: "new" })
  expect(() => table.judge({ ...stored, id: "another", sequence: 1 })).toThrow(/batch 0 is next/)
})
