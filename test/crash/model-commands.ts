import assert from "node:assert/strict"
import { toOffset } from "@bellmouth/log"
import fc from "fast-check"
import type { LogModel, ModelProducer } from "./log-model.ts"
import { codeOf, type LogUnderTest } from "./log-under-test.ts"

/** What the model of a run is held in: a fork takes its place. */
export interface ModelState {
  model: LogModel
  readonly isDurable: boolean
}

type Command = fc.AsyncCommand<ModelState, LogUnderTest>
type Act = (state: ModelState, real: LogUnderTest) => Promise<void>

/** Makes a command that counts itself, and looks at the ends of the log afterwards. */
function command(name: string, act: Act, needsDisk = false): Command {
  return {
    check: ({ isDurable }) => isDurable || !needsDisk,
    async run(state, real) {
      await act(state, real)
      real.counts.set(name, (real.counts.get(name) ?? 0) + 1)
      const { start, tail, isSealed } = state.model
      const seen = [await real.log.start(), await real.log.tail(), await real.log.sealed()]
      assert.deepEqual(seen, [start, tail, isSealed])
    },
    toString: () => name,
  }
}

const whole = async (real: LogUnderTest, model: LogModel): Promise<void> => {
  const seen = await real.read(model.start, Number.MAX_SAFE_INTEGER, "records")
  assert.deepEqual(seen, model.records.slice(model.start))
}

const toAt = (part: number, { start, tail }: LogModel): number =>
  start + Math.round(part * (tail - start))

const record = fc.oneof(
  { weight: 4, arbitrary: fc.string({ maxLength: 40 }) },
  { weight: 1, arbitrary: fc.constantFrom("", "\n", "two\nlines", "x".repeat(120)) },
)
const batch = fc.array(record, { minLength: 1, maxLength: 4 })
/** A whole number of parts: what is made of doubles is next to 0 nearly always. */
const part = fc.nat(100).map((parts) => parts / 100)
const seed = fc.nat()

const append = batch.map((records) =>
  command(`append`, async ({ model }, real) => {
    assert.deepEqual(await real.append(records, {}), model.append(records))
  }),
)

/** A batch that is the next of its producer, or one before or after it, of this or another epoch. */
const produce = fc
  .record({ records: batch, id: fc.constantFrom("a", "b"), step: fc.integer({ min: -3, max: 1 }) })
  .chain((fields) => fc.record({ ...constants(fields), age: fc.constantFrom(0, 0, 0, 1, -1) }))
  .map(({ records, id, step, age }) =>
    command("produce", async ({ model }, real) => {
      const last = model.sent.findLast((sent) => sent.id === id) ?? { epoch: 0, sequence: -1 }
      const epoch = Math.max(0, last.epoch + age)
      const sequence = age === 0 ? Math.max(0, last.sequence + 1 + step) : 0
      const producer: ModelProducer = { id, epoch, sequence }
      const wanted = model.append(records, producer)
      count(real, `produce: ${typeof wanted === "string" ? wanted : outcome(wanted)}`)
      assert.deepEqual(await real.append(records, { producer }), wanted)
    }),
  )

const compareAndAppend = fc.tuple(batch, fc.boolean()).map(([records, isRight]) =>
  command("compare and append", async ({ model }, real) => {
    const expectedTail = toOffset(isRight ? model.tail : model.tail + 1)
    const seen = await real.append(records, { expectedTail })
    assert.deepEqual(seen, model.append(records, undefined, expectedTail))
  }),
)

/** Both write without waiting for the other: either may come first, and nothing comes between. */
const twoWriters = fc.tuple(batch, batch).map(([left, right]) =>
  command("two writers", async ({ model, isDurable }, real) => {
    if (isDurable) assert.equal(await real.openSecond(), "LOCKED")
    const acks = await Promise.all([real.append(left, {}), real.append(right, {})])
    const [first, second] = acks
    const isInOrder =
      typeof first === "string" || typeof second === "string" || first.offset < second.offset
    const wanted = isInOrder
      ? [model.append(left), model.append(right)]
      : [model.append(right), model.append(left)].reverse()
    assert.deepEqual(acks, wanted)
  }),
)

const read = fc
  .tuple(part, fc.nat(8), fc.constantFrom("records", "batches", "lent"))
  .map(([where, limit, view]) =>
    command("read", async ({ model }, real) => {
      // Now and then from before the start or after the tail.
      const from = Math.max(0, Math.round(model.start - 2 + where * (model.tail - model.start + 4)))
      const isTrimmed = from < model.start
      const isPast = from > model.tail
      const wanted = isTrimmed ? "OFFSET_TRIMMED" : isPast ? "OFFSET_OUT_OF_RANGE" : undefined
      const seen = await real.read(from, limit, view)
      assert.deepEqual(seen, wanted ?? model.records.slice(from, from + limit))
    }),
  )

const follow = part.map((where) =>
  command("follow", async ({ model }, real) => {
    const from = toOffset(toAt(where, model))
    const reader = real.log.replay({ from, follow: true }).getReader()
    real.followers.push({ reader, position: from })
  }),
)

const catchUp = fc.constant(
  command("catch up", async ({ model }, real) => {
    const kept = []
    for (const follower of real.followers) {
      try {
        while (follower.position < model.tail) {
          const { value } = await follower.reader.read()
          assert.equal(value?.offset, follower.position)
          assert.equal(new TextDecoder().decode(value?.data), model.records[follower.position++])
        }
        if (model.isSealed) assert.equal((await follower.reader.read()).done, true)
        else kept.push(follower)
      } catch (error) {
        if (follower.position >= model.start) throw error
        assert.equal(codeOf(error), "OFFSET_TRIMMED")
      }
    }
    count(real, "caught up", real.followers.length)
    real.followers = kept
  }),
)

const trim = part.map((where) =>
  command("trim", async ({ model }, real) => {
    const before = toAt(where * 0.7, model)
    if (before > model.start) count(real, "trim: records")
    model.start = before
    await real.log.trim(toOffset(model.start))
  }),
)

const seal = fc.constant(
  command("seal", async ({ model }, real) => {
    assert.equal(await real.log.seal(), model.tail)
    model.isSealed = true
  }),
)

/** Goes on with the fork; the log that it was made of stays as it was. */
const fork = fc.tuple(part, batch).map(([where, records]) =>
  command("fork", async (state, real) => {
    const { model } = state
    const at = toAt(where, model)
    const forked = model.fork(at)
    if (at < model.tail) count(real, "fork: a part")
    const left = await real.goOnWithFork(at)
    assert.deepEqual(await real.append(records, {}), forked.append(records))
    assert.equal(await left.tail(), model.tail)
    assert.notEqual(real.log.id, left.id)
    await left.close()
    state.model = forked
    await whole(real, forked)
  }),
)

const reopen = fc.constant(
  command(
    "reopen",
    async ({ model }, real) => {
      await real.reopen()
      await whole(real, model)
    },
    true,
  ),
)

const crash = seed.map((value) =>
  command(
    "crash",
    async ({ model }, real) => {
      await real.crash(value)
      await whole(real, model)
    },
    true,
  ),
)

/** The power goes while a batch is stored: it is there as a whole, or not at all; always, if acknowledged. */
const crashWhile = fc.tuple(batch, fc.nat(12), seed).map(([records, operations, value]) =>
  command(
    "crash while appending",
    async ({ model }, real) => {
      const last = model.sent.findLast((sent) => sent.id === "a") ?? { epoch: 0, sequence: -1 }
      const producer = { id: "a", epoch: last.epoch, sequence: last.sequence + 1 }
      real.limit(operations)
      const ack = await real.append(records, { producer })
      await real.crash(value)
      const isThere = (await real.log.tail()) > model.tail
      count(real, `cut: ${typeof ack === "string" ? "not acknowledged" : "acknowledged"}`)
      if (typeof ack !== "string") assert.deepEqual(ack, model.append(records, producer))
      else if (isThere) model.append(records, producer)
      await whole(real, model)
    },
    true,
  ),
)

export const commands: fc.Arbitrary<Iterable<Command>> = fc.commands(
  [
    ...[append, append, produce, produce, produce, compareAndAppend, twoWriters, read, read],
    ...[follow, catchUp, trim, reopen, crash, crashWhile, fork],
    // Not often: what comes after it is refused.
    fc.tuple(fc.nat(3), seal).map(([chance, sealing]) => (chance === 0 ? sealing : idle)),
  ],
  { maxCommands: 30, size: "max" },
)

const idle: Command = command("idle", async () => {})

function constants<T extends object>(fields: T): { [K in keyof T]: fc.Arbitrary<T[K]> } {
  const entries = Object.entries(fields).map(([key, value]) => [key, fc.constant(value)])
  return Object.fromEntries(entries) as { [K in keyof T]: fc.Arbitrary<T[K]> } // same keys
}

function outcome(ack: object): string {
  return "repeated" in ack ? "repeated" : "new"
}

function count(real: LogUnderTest, name: string, by = 1): void {
  real.counts.set(name, (real.counts.get(name) ?? 0) + by)
}
