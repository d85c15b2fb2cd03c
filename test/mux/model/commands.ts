import assert from "node:assert/strict"
import fc from "fast-check"
import { checkModel } from "./check-model.ts"
import {
  type ChannelState,
  type End,
  isOpen,
  isReadable,
  type ModelState,
  newChannel,
  openedBy,
  readBy,
} from "./model.ts"
import { ABORTED, CANCELLED, FAILED, failure, itemOf, type RealWorld } from "./real-world.ts"
import { costOf, type Side } from "./wire-model.ts"

export type Command = fc.AsyncCommand<ModelState, RealWorld>

/** How often each command has run, and what it has met. */
export type Counts = Map<string, number>

interface Act {
  check(state: ModelState): boolean
  run(state: ModelState, real: RealWorld): Promise<void>
}

/** A command on one of the channels there are, or on the messages. */
interface OnChannel {
  check(channel: ChannelState, at: number): boolean
  run(channel: ChannelState, at: number, real: RealWorld, state: ModelState): Promise<void>
}

const side = fc.constantFrom<Side>("near", "far")
const size = fc.constantFrom(0, 1, 2, 50, 1000, 4096, 4097, 9000)

/** The commands, each of which counts itself. */
export function commandsOf(counts: Counts): fc.Arbitrary<Iterable<Command>> {
  const count = (name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1)

  const command = (name: string, { check, run }: Act): Command => ({
    check,
    async run(state, real) {
      await run(state, real)
      await real.settle()
      checkModel(state, real)
      count(name.split(" ")[0] ?? name)
    },
    toString: () => name,
  })

  const onChannel = (name: string, which: number, { check, run }: OnChannel): Command => {
    const find = ({ channels }: ModelState): [ChannelState, number] | undefined => {
      const at = which % channels.length
      const channel = channels[at]
      return channel === undefined ? undefined : [channel, at]
    }
    return command(`${name} on ${which}`, {
      check(state) {
        const found = find(state)
        return found !== undefined && check(...found)
      },
      async run(state, real) {
        const found = find(state)
        if (found !== undefined) await run(...found, real, state)
      },
    })
  }

  const open = fc.record({ by: side, head: fc.nat(100) }).map(({ by, head }) =>
    command(`open by ${by}`, {
      check: (state) => openedBy(state, by) < state.maxChannels,
      async run({ channels }, real) {
        await real.open(by, itemOf(channels.length, head))
        channels.push(newChannel(by))
      },
    }),
  )

  const request = fc.record({ by: side, bytes: size }).map(({ by, bytes }) =>
    command(`request by ${by} of ${bytes}`, {
      check: (state) => openedBy(state, by) < state.maxChannels,
      async run(state, real) {
        const body = itemOf(state.nextItem++, bytes)
        const reply = real.sessions[by].request(body.slice())
        assert.deepEqual(await real.soon(reply, "A reply"), body.toReversed())
      },
    }),
  )

  const which = fc.nat(1000)
  const write = fc
    .record({ which, by: side, sizes: fc.array(size, { minLength: 1, maxLength: 4 }) })
    .map(({ which, by, sizes }) =>
      onChannel(`write by ${by} of ${sizes}`, which, {
        check: (channel) => isOpen(channel[by]),
        async run(channel, at, real, state) {
          if (at === 0) count("send")
          for (const size of sizes) {
            const number = state.nextItem++
            real.write(at, by, number, size)
            channel[by].items.push({ number, size })
            channel[by].written += costOf(size)
          }
        },
      }),
    )

  const read = fc
    .record({ which, by: side, most: fc.integer({ min: 1, max: 6 }) })
    .map(({ which, by, most }) =>
      onChannel(`read by ${by} of ${most}`, which, {
        check: (channel) => isReadable(readBy(channel, by)),
        async run(channel, at, real) {
          for (let n = 0; n < most && isReadable(readBy(channel, by)); n++) {
            await readOne(channel, at, by, real, count)
          }
        },
      }),
    )

  const end = fc
    .record({ which, by: side, how: fc.constantFrom<End>("close", "close", "fail", "abort") })
    .map(({ which, by, how }) =>
      onChannel(`${how} by ${by}`, which, {
        check: (channel, at) => at > 0 && isOpen(channel[by]),
        run: (channel, at, real) => endBy(channel, at, by, how, real, count),
      }),
    )

  const cancel = fc.record({ which, by: side }).map(({ which, by }) =>
    onChannel(`cancel by ${by}`, which, {
      check: (channel, at) => {
        const { isCancelled, isSeen } = readBy(channel, by)
        return at > 0 && !isCancelled && !isSeen
      },
      run: (channel, at, real) => cancelBy(channel, at, by, real, count),
    }),
  )

  return fc.commands([open, request, write, write, write, read, read, read, end, cancel], {
    maxCommands: 80,
    size: "max",
  })
}

/** The next item, or the end behind the last. */
export async function readOne(
  channel: ChannelState,
  at: number,
  by: Side,
  real: RealWorld,
  count: (name: string) => void,
): Promise<void> {
  const direction = readBy(channel, by)
  const item = direction.items.shift()
  if (item !== undefined) {
    const { done, value } = await real.read(at, by)
    assert(!done, `Item ${item.number} is missing on channel ${at}`)
    const isRight = Buffer.from(value).equals(itemOf(item.number, item.size))
    assert(isRight, `Item ${item.number} of ${item.size} bytes is another on channel ${at}`)
    direction.taken += costOf(item.size)
    return
  }
  direction.isSeen = true
  count(`seen: ${direction.end}`)
  if (direction.end === "close") return assert((await real.read(at, by)).done, "An item too many")
  const code = direction.end === "fail" ? FAILED : ABORTED
  await assert.rejects(real.read(at, by), { wireCode: code })
}

async function endBy(
  channel: ChannelState,
  at: number,
  by: Side,
  how: End,
  real: RealWorld,
  count: (name: string) => void,
): Promise<void> {
  const { writer, taken, channel: own } = real.end(at, by)
  const direction = channel[by]
  direction.end = how
  if (how === "close") {
    writer.close().catch(() => {}) // the other side may cancel before it is done
    if (!direction.items.every(({ number }) => taken.has(number))) count("close: behind what waits")
    return
  }
  // What waits for credit is not yet the channel's.
  const isHeld = ({ number }: { readonly number: number }): boolean => taken.has(number)
  const waiting =
    how === "abort" ? direction.items : direction.items.filter((item) => !isHeld(item))
  if (waiting.length > 0) count(`${how}: dropped`)
  direction.items = direction.items.filter((item) => !waiting.includes(item))
  direction.written -= waiting.reduce((sum, { size }) => sum + costOf(size), 0)
  if (how === "fail") own.fail(failure(FAILED))
  else writer.abort(failure(ABORTED)).catch(() => {}) // as above
}

async function cancelBy(
  channel: ChannelState,
  at: number,
  by: Side,
  real: RealWorld,
  count: (name: string) => void,
): Promise<void> {
  const direction = readBy(channel, by)
  const sender = by === "near" ? "far" : "near"
  const wire = real.wireOf(channel.opener, at, sender)
  const hasEnded = wire.ends > 0
  await real
    .end(at, by)
    .reader.cancel(failure(CANCELLED))
    .catch(() => {
      assert(
        direction.end === "abort" || direction.end === "fail",
        "A readable refuses to be cancelled",
      )
    })
  direction.isCancelled = true
  direction.items = []
  await real.settle()
  if (hasEnded) return count("cancel: behind the end")
  const { writer } = real.end(at, sender)
  // Its own end may have come before: then that is what its writer has ended with.
  if (direction.end === "fail" || direction.end === "abort") return
  await assert.rejects(real.soon(writer.closed, "A cancel"), { wireCode: CANCELLED })
}
