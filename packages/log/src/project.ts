import { type Stage, stage } from "@bellmouth/core"
import type { LogEntry } from "./log.ts"
import { type Offset, toOffset } from "./offset.ts"

/** What a reducer has made of all records before an offset. */
export interface Snapshot<S> {
  readonly offset: Offset
  readonly state: S
}

/** Makes the next state of a state and a record. It must not change the state it is given. */
export type Reducer<S> = (state: S, entry: LogEntry) => S

/**
 * Makes a projection: a stage from entries to the state after each. It begins with a snapshot, and
 * refuses to leave a record out or to take one twice.
 *
 * @throws {RangeError} (the stage errors with it) when an entry is not the next one.
 *
 * @example A count that goes on from a snapshot
 * ```ts
 * import assert from "node:assert/strict"
 * import { toArray } from "@bellmouth/core"
 * import { createMemoryLog, project, replayFrom, START } from "@bellmouth/log"
 *
 * const log = createMemoryLog()
 * const writer = log.writable().getWriter()
 * for (const n of [1, 2, 3]) writer.write(new Uint8Array([n]))
 * await writer.close()
 * const sum = (state: number, entry: { data: Uint8Array }) => state + (entry.data[0] ?? 0)
 *
 * const states = await toArray(log.replay().pipeThrough(project(sum, { offset: START, state: 0 })))
 * assert.deepEqual(states.map(({ state }) => state), [1, 3, 6])
 * const [, snapshot] = states
 * assert(snapshot !== undefined)
 * const rest = replayFrom(log, snapshot).pipeThrough(project(sum, snapshot))
 * assert.deepEqual(await toArray(rest), states.slice(2))
 * ```
 */
export function project<S>(
  reducer: Reducer<S>,
  initial: Snapshot<S>,
): Stage<LogEntry, Snapshot<S>> {
  let { offset, state } = initial
  return stage<LogEntry, Snapshot<S>>({
    transform(entry, controller) {
      if (entry.offset !== offset) {
        throw new RangeError(
          `Cannot project the record at offset ${entry.offset}: ${offset} is next; replay from there`,
        )
      }
      state = reducer(state, entry)
      offset = toOffset(offset + 1)
      controller.enqueue({ offset, state })
    },
  })
}
