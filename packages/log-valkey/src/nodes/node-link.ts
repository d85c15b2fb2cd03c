import type { ValkeyClient, ValkeyConnection, ValkeyNode } from "../client/valkey-client.ts"
import {
  type Command,
  type Outcome,
  Wire,
  type WireEvents,
  type WireOptions,
} from "../client/wire.ts"
import { type Durability, DurableLane } from "./durable-lane.ts"

/**
 * How a command goes out. `durable` writes wait for the disk or for replicas, and hold up their connection meanwhile,
 * so reads have one of their own.
 */
export type Way =
  | { readonly type: "read" | "write" }
  | { readonly type: "durable"; readonly durability: Durability }

/** What the links of all nodes have in common. */
export interface NodeLinkOptions {
  readonly client: ValkeyClient
  readonly replyTimeoutMs: number
  /** Has to be done on each new connection for writes, before it is used. */
  readonly beforeWrites: (connection: ValkeyConnection) => Promise<void>
  /** A message has come on a channel. */
  readonly message: (channel: string) => void
  /** The subscriptions at this server are gone. */
  readonly unsubscribed: (link: NodeLink) => void
}

type Connect = WireOptions["connect"]

/** The connections to one server. */
export class NodeLink {
  readonly node: ValkeyNode | undefined
  readonly subscriptions: Wire
  readonly #read: Wire
  readonly #write: Wire
  readonly #lanes = new Map<string, DurableLane>()

  constructor(node: ValkeyNode | undefined, options: NodeLinkOptions) {
    const { client, replyTimeoutMs, beforeWrites, message } = options
    this.node = node
    const connect: Connect = (events) => connectWithin(replyTimeoutMs, client, node, events)
    this.#read = new Wire({ connect, replyTimeoutMs })
    const connectToWrite = prepared(connect, beforeWrites, 2 * replyTimeoutMs)
    this.#write = new Wire({ connect: connectToWrite, replyTimeoutMs })
    const lost = (): void => options.unsubscribed(this)
    this.subscriptions = new Wire({ connect, replyTimeoutMs, message, lost })
  }

  /** Sends commands with nothing between them. The outcome of the last tells whether all are as safe as was asked. */
  async send(way: Way, commands: readonly Command[]): Promise<readonly Outcome[]> {
    if (way.type === "durable") return this.#lane(way.durability).send(commands)
    return (way.type === "read" ? this.#read : this.#write).send(commands)
  }

  /** The next write has a connection of its own. What is under way on the one that was fails, and is sent again. */
  renewWrites(): void {
    this.#write.close()
  }

  close(): void {
    for (const wire of [this.#read, this.#write, this.subscriptions]) wire.close()
  }

  #lane(durability: Durability): DurableLane {
    const key = `${durability.isSynced}/${durability.replicas}`
    const known = this.#lanes.get(key)
    if (known !== undefined) return known
    const lane = new DurableLane(this.#write, durability)
    this.#lanes.set(key, lane)
    return lane
  }
}

/** A server that is stopped takes connections, and says nothing. */
async function connectWithin(
  ms: number,
  client: ValkeyClient,
  node: ValkeyNode | undefined,
  events: WireEvents,
): Promise<ValkeyConnection> {
  const late = new AbortController()
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    reject(new Error(`the server took no connection within ${ms} ms`))
    late.abort()
  }, ms)
  const connecting = client.connect(node, { ...events, signal: late.signal })
  try {
    return await Promise.race([connecting, promise])
  } catch (error) {
    // One that is there after all is nobody's.
    connecting.then(
      (connection) => connection.close(),
      () => {},
    )
    throw error
  } finally {
    clearTimeout(timer)
  }
}

function prepared(
  connect: Connect,
  prepare: (connection: ValkeyConnection) => Promise<void>,
  timeoutMs: number,
): Connect {
  return async (events) => {
    const connection = await connect(events)
    const timer = setTimeout(() => connection.close(), timeoutMs)
    try {
      await prepare(connection)
      return connection
    } catch (error) {
      connection.close()
      throw error
    } finally {
      clearTimeout(timer)
    }
  }
}
