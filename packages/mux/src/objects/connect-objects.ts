import type { MessagePortLike } from "../transports/message-port-like.ts"
import { ObjectSession } from "./object-session.ts"
import { type ObjectSessionOptions, objectLimits } from "./object-session-options.ts"

/**
 * Makes a session over a `MessagePort`, a `Worker` or a worker's scope, which it owns from now on, and
 * in which chunks are whatever can be cloned. Its wire is RFC 0006; both ends have to speak it. What
 * is bounded is the number of chunks, not their size: use it between parts of one program.
 *
 * @throws {RangeError} when a limit is out of its range.
 *
 * @example A channel of objects and its echo
 * ```ts
 * import assert from "node:assert/strict"
 * import { from, toArray } from "@bellmouth/core"
 * import { connectObjects } from "@bellmouth/mux/objects"
 *
 * const { port1, port2 } = new MessageChannel()
 * const [client, server] = [connectObjects(port1), connectObjects(port2)]
 * server.serve((channel) => channel.readable.pipeTo(channel.writable))
 *
 * const channel = client.open({ name: "echo" })
 * void from([new Map([["a", 1]])]).pipeTo(channel.writable)
 * assert.deepEqual(await toArray(channel.readable), [new Map([["a", 1]])])
 * await client.close()
 * ```
 */
export function connectObjects(
  port: MessagePortLike,
  options: ObjectSessionOptions = {},
): ObjectSession {
  return new ObjectSession(port, objectLimits(options))
}
