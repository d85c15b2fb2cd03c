import { type Ports, SnapshotSource } from "@bellmouth/core"
import { MuxError } from "../wire/mux-error.ts"
import type { Client } from "./create-client.ts"
import {
  type Parse,
  type SinkMethod,
  type SourceMethod,
  sinkMethod,
  sourceMethod,
} from "./method.ts"

/** The four ends of a role, as methods of a service. */
export type PortsMethods<E, O, Err, S> = {
  readonly in: SinkMethod<void, E, void>
  readonly out: SourceMethod<void, O>
  readonly err: SourceMethod<void, Err>
  readonly snapshot: SourceMethod<void, S>
}

/**
 * Serves the ports of a role as four methods. `in`, `out` and `err` are for one remote user, as they
 * are for one local one: a second is refused. Any number may look at the snapshot.
 *
 * @example A counter on the other side
 * ```ts
 * import assert from "node:assert/strict"
 * import { createPorts, duplexPair, from, toArray } from "@bellmouth/core"
 * import { connect } from "@bellmouth/mux"
 * import { createClient, portsMethods, remotePorts, serveMethods } from "@bellmouth/mux/service"
 *
 * const ports = createPorts<number, number, string, number>({
 *   event: (n, controller) => controller.out(n * 2),
 * })
 * const methods = portsMethods(ports, Number)
 * const [here, there] = duplexPair<Uint8Array>()
 * serveMethods(connect(there), methods)
 *
 * const remote = remotePorts(createClient<typeof methods>(connect(here)))
 * void from([1, 2]).pipeTo(remote.in)
 * assert.deepEqual(await toArray(remote.out), [2, 4])
 * ```
 */
export function portsMethods<E, O, Err, S>(
  ports: Ports<E, O, Err, S>,
  event: Parse<E>,
): PortsMethods<E, O, Err, S> {
  const taken = new Set<unknown>()
  const take = <T extends { readonly locked: boolean }>(name: string, end: T): T => {
    // Whoever lets go of it has ended it: it is of no use to another.
    if (end.locked || taken.has(end)) {
      throw new MuxError("REFUSED", `Cannot take ${name}: it is for one user, and another has it`)
    }
    taken.add(end)
    return end
  }
  const once = <T>(name: string, readable: ReadableStream<T>): SourceMethod<void, T> =>
    sourceMethod(() => take(name, readable))
  return {
    in: sinkMethod<E, void>(
      (_, input, { signal }) => input.pipeTo(take("in", ports.in), { signal }),
      { item: event },
    ),
    out: once("out", ports.out),
    err: once("err", ports.err),
    snapshot: sourceMethod(() => ports.snapshot.readable()),
  }
}

/**
 * The ports of a role that another side serves; each of its ends is one channel. States of the
 * snapshot that come faster than they are read are not queued on the way: the latest wins.
 *
 * @example Looking at a state from afar
 * ```ts
 * import assert from "node:assert/strict"
 * import { createPorts, duplexPair } from "@bellmouth/core"
 * import { connect } from "@bellmouth/mux"
 * import { createClient, portsMethods, remotePorts, serveMethods } from "@bellmouth/mux/service"
 *
 * const ports = createPorts<number, number, string, string>({
 *   start: (controller) => controller.snapshot("idle"),
 *   event: (n, controller) => controller.out(n),
 * })
 * const methods = portsMethods(ports, Number)
 * const [here, there] = duplexPair<Uint8Array>()
 * serveMethods(connect(there), methods)
 *
 * const remote = remotePorts(createClient<typeof methods>(connect(here)))
 * const { value } = await remote.snapshot.readable().getReader().read()
 * assert.equal(value, "idle")
 * ```
 */
export function remotePorts<E, O, Err, S>(
  client: Client<PortsMethods<E, O, Err, S>>,
): Ports<E, O, Err, S> {
  const states = new SnapshotSource<S>()
  // A window of one byte asks for one state at a time: what comes meanwhile is not queued.
  const newest = client.source("snapshot", undefined, { windowBytes: 1 })
  newest.pipeTo(new WritableStream({ write: (state) => states.set(state) })).then(
    () => states.close(),
    (reason: unknown) => states.error(reason),
  )
  return {
    in: client.sink("in").writable,
    out: client.source("out"),
    err: client.source("err"),
    snapshot: states.snapshot,
  }
}
