import assert from "node:assert/strict"
import fc from "fast-check"
import type { Tamper } from "../simulate.ts"
import { checkModel } from "./check-model.ts"
import { type Command, type Counts, commandsOf, readOne } from "./commands.ts"
import { isOpen, isReadable, type ModelState, newChannel, readBy } from "./model.ts"
import { RealWorld } from "./real-world.ts"

const SIDES = ["near", "far"] as const

interface Limits {
  readonly windowBytes: number
  readonly maxQueuedBytes: number
  readonly maxChannels: number
  readonly batchBytes: number
}

const limits: fc.Arbitrary<Limits> = fc.record({
  windowBytes: fc.constantFrom(1, 100, 5000, 20_000),
  maxQueuedBytes: fc.constantFrom(1, 5000, 262_144),
  maxChannels: fc.constantFrom(1, 2, 4),
  batchBytes: fc.constantFrom(1, 16_384),
})

/** Runs commands against the model and two sessions; gives what fast-check says of a failure. */
export async function runModel(
  runs: number,
  counts: Counts,
  tamper?: Tamper,
): Promise<string | undefined> {
  const property = fc.asyncProperty(limits, commandsOf(counts), (options, commands) =>
    runOnce(options, commands, counts, tamper),
  )
  const isPlanted = tamper !== undefined
  const details = await fc.check(property, { numRuns: runs, seed: 1, endOnFailure: isPlanted })
  if (!details.failed) return undefined
  return `${fc.defaultReportMessage(details)}\n${details.errorInstance}`
}

async function runOnce(
  options: Limits,
  commands: Iterable<Command>,
  counts: Counts,
  tamper: Tamper | undefined,
): Promise<void> {
  const { windowBytes, maxChannels } = options
  const real = new RealWorld(options, tamper)
  const model: ModelState = {
    channels: [newChannel("near")],
    windowBytes,
    maxChannels,
    nextItem: 1,
  }
  try {
    await fc.asyncModelRun(() => ({ model, real }), commands)
    await finish(model, real, counts)
  } finally {
    // What a failure has left open.
    for (const session of Object.values(real.sessions)) session.abort().catch(() => {})
  }
}

/** Ends what is open, reads the rest, and sees everything come to its end. */
async function finish(model: ModelState, real: RealWorld, counts: Counts): Promise<void> {
  const count = (name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1)
  for (const [at, channel] of model.channels.entries()) {
    for (const side of SIDES) {
      if (at > 0 && isOpen(channel[side])) {
        real
          .end(at, side)
          .writer.close()
          .catch(() => {}) // the reader tells
        channel[side].end = "close"
      }
      while (isReadable(readBy(channel, side))) await readOne(channel, at, side, real, count)
    }
    // The other direction may have waited for this one.
    while (isReadable(readBy(channel, "near"))) await readOne(channel, at, "near", real, count)
  }
  await real.settle()
  checkModel(model, real)
  for (const [at, channel] of model.channels.entries()) {
    if (at === 0) continue
    const directions = SIDES.map((side) => real.wireOf(channel.opener, at, side))
    assert(
      directions.every(({ ends }) => ends === 1),
      `Channel ${at} is not over`,
    )
    const hasFailed = directions.some(({ isAborted, isCancelled }) => isAborted || isCancelled)
    for (const side of SIDES) {
      const finished = real.end(at, side).channel.finished.then(
        () => false,
        () => true,
      )
      assert.equal(await real.soon(finished, "An end"), hasFailed)
    }
    count(hasFailed ? "finished: failed" : "finished: in order")
  }
  const { near, far } = real.sessions
  await real.soon(Promise.all([near.close(), far.close()]), "The end of the sessions")
}
