import {
  createPorts,
  type Ports,
  type PortsController,
  type PortsOptions,
  type Role,
} from "@bellmouth/core"
import type { AppendInput, AppendOptions, Log } from "./log.ts"
import { LogError } from "./log-error.ts"
import { type Offset, toOffset } from "./offset.ts"
import type { Snapshot } from "./project.ts"
import { type LoggedEvent, ReplayFeed } from "./replay-feed.ts"
import type { SnapshotStore } from "./snapshot.ts"
import { SnapshotSaver } from "./snapshot-saver.ts"

/** What `logPorts` takes. */
export interface LogPortsOptions<Err, S> extends PortsOptions<Err> {
  /** Where the latest snapshot is kept. Default: nowhere, and every record is replayed. */
  readonly store?: SnapshotStore<S>
  /** How `in` appends. */
  readonly append?: AppendOptions
}

/** The ports of a role over a log. */
export interface LogPorts<O, Err, S> extends Ports<AppendInput, O, Err, S> {
  /** Settles when all has ended and the last snapshot is saved; rejects with what it has failed with. */
  readonly closed: Promise<void>
}

/**
 * Makes the ports of a role whose input is a log: what is written to `in` is appended, and the role is given
 * it once it is durable, by replay. So a role that is made again is given the same records in the same
 * order, and comes to the same state; what others append to the log it is given as well.
 *
 * With a store, each state that the role gives to `snapshot` is saved together with the offset after the
 * record that it was given at; of those that come while one is being saved only the last. `toRole` is
 * called with what was saved last, if it is of this log, and the role is then given the records after it: so
 * the state has to hold all that the role needs.
 *
 * `write` to `in` resolves on acceptance, `close` once everything is durable; the role then ends with the last
 * record that the log had. It ends, too, when the log is sealed. A slow reader of `out` slows the role
 * down, and not `in`: what it has not seen waits in the log. When reading, saving or the role fails, all
 * ends fail; what was accepted is still stored.
 *
 * @throws {LogError} (by rejecting) when the log is closed; what `store.load` and `toRole` throw; and, when the
 *   options are wrong, what `log.append` and `createPorts` throw.
 *
 * @example A counter that is there again
 * ```ts
 * import assert from "node:assert/strict"
 * import { toArray } from "@bellmouth/core"
 * import { createMemoryLog, logPorts } from "@bellmouth/log"
 *
 * await using log = createMemoryLog()
 * const open = () =>
 *   logPorts<string, never, number>(log, () => {
 *     let count = 0
 *     return {
 *       event({ data, isHistory }, controller) {
 *         controller.snapshot(++count)
 *         if (!isHistory) controller.out(`${count}: ${new TextDecoder().decode(data)}`)
 *       },
 *     }
 *   })
 *
 * for (const [round, text] of ["one", "two"].entries()) {
 *   const ports = await open()
 *   const writer = ports.in.getWriter()
 *   writer.write(new TextEncoder().encode(text))
 *   writer.close()
 *   assert.deepEqual(await toArray(ports.out), [`${round + 1}: ${text}`])
 *   assert.equal(ports.snapshot.latest, round + 1)
 * }
 * ```
 */
export async function logPorts<O, Err, S>(
  log: Log,
  toRole: (restored: Snapshot<S> | undefined) => Role<LoggedEvent, O, Err, S>,
  options: LogPortsOptions<Err, S> = {},
): Promise<LogPorts<O, Err, S>> {
  const { store, append, ...portsOptions } = options
  const stored = await store?.load()
  const restored = stored?.log === log.id ? stored : undefined
  const tail = await log.tail()
  const from = restored?.offset ?? (await log.start())
  const saver = new SnapshotSaver<S>(store, (reason) => feed.fail(reason))
  const role = observed(toRole(restored), ({ offset, state }) =>
    saver.set({ log: log.id, offset, state }),
  )
  const ports = createPorts(role, portsOptions)
  const appending = log.append(append)
  const writer = appending.writable.getWriter()
  const feed = new ReplayFeed(log, from, tail)
  let input: WritableStreamDefaultController | undefined
  const events = new ReadableStream(feed, { highWaterMark: 0 })
  const closed = events.pipeTo(ports.in).then(
    () => saver.idle(),
    async (reason: unknown) => {
      input?.error(reason)
      await Promise.allSettled([writer.abort(reason), saver.idle()])
      throw reason
    },
  )
  // It is told to who looks at `closed`, and by every other end.
  closed.catch(() => {})
  const sink = new WritableStream<AppendInput>({
    start(controller) {
      input = controller
      // What it fails with comes after the acknowledgements of what was stored before.
      appending.readable.pipeTo(new WritableStream()).catch(async (reason: unknown) => {
        controller.error(reason)
        // A sealed log ends its followers itself.
        if (reason instanceof LogError && reason.code === "SEALED") return
        await log.tail().then(
          (end) => feed.endAt(end, { reason }),
          () => feed.fail(reason),
        )
      })
      // It is told by every other end.
      writer.closed.catch(() => {})
    },
    write: (chunk) => writer.write(chunk),
    async close() {
      await writer.close()
      feed.endAt(await log.tail())
    },
    async abort(reason) {
      feed.fail(reason)
      await writer.abort(reason)
    },
  })
  return { in: sink, out: ports.out, err: ports.err, snapshot: ports.snapshot, closed }
}

/** A role whose states are told, with the offset that they are at. Those of `start` are at none. */
function observed<O, Err, S>(
  role: Role<LoggedEvent, O, Err, S>,
  tell: (snapshot: Snapshot<S>) => void,
): Role<LoggedEvent, O, Err, S> {
  let offset: Offset | undefined
  const telling = (controller: PortsController<O, Err, S>): PortsController<O, Err, S> => ({
    ...controller,
    snapshot(state) {
      controller.snapshot(state)
      if (offset !== undefined) tell({ offset, state })
    },
  })
  let told: PortsController<O, Err, S> | undefined
  return {
    start: (controller) => role.start?.(controller),
    event(event, controller) {
      offset = toOffset(event.offset + 1)
      told ??= telling(controller)
      role.event(event, told)
    },
    flush: (controller) => role.flush?.(telling(controller)),
    cancel: (reason) => role.cancel?.(reason),
  }
}
