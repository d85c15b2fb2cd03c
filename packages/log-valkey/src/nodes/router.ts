import { replyCode } from "../client/reply.ts"
import type { Script } from "../client/script.ts"
import type {
  ValkeyArgument,
  ValkeyClient,
  ValkeyConnection,
  ValkeyEvents,
  ValkeyNode,
} from "../client/valkey-client.ts"
import type { Command, Outcome } from "../client/wire.ts"
import { ChannelHub } from "./channel-hub.ts"
import { NotDurableError } from "./durable-lane.ts"
import { keySlot } from "./key-slot.ts"
import { NodeLink, type NodeLinkOptions, type Way } from "./node-link.ts"
import { isPassing } from "./passing.ts"
import { SlotMap, toRedirection } from "./slot-map.ts"
import { makeFileWhole } from "./whole-file.ts"

/** After so many milliseconds without a reply a connection is given up. */
const REPLY_TIMEOUT_MS = 10_000
const FIRST_PAUSE_MS = 5
const LONGEST_PAUSE_MS = 250

/** What to do: a command or a script, with the key that says where. */
export interface Request {
  readonly key: string
  readonly command: Command | ScriptCall
  readonly way: Way
  /** How long to try, in milliseconds. */
  readonly timeoutMs: number
}

/** A script with its keys and arguments. */
export interface ScriptCall {
  readonly script: Script
  readonly keys: readonly string[]
  readonly args: readonly ValkeyArgument[]
}

/**
 * Sends commands to the server that holds their key, follows it through the changes of a cluster, and
 * tries again when a connection was lost. So a command may run twice: it has to be made for that.
 */
export class Router {
  readonly channels: ChannelHub
  readonly #links = new Map<string, NodeLink>()
  readonly #options: NodeLinkOptions
  readonly #slots = new SlotMap()
  #isClosed = false
  #wantsWholeFiles = false
  #refreshing: Promise<void> | undefined
  #refreshes = 0

  constructor(client: ValkeyClient) {
    this.channels = new ChannelHub({
      linkOf: (key) => this.link(this.#slots.find(keySlot(key))),
      moved: (key, error, asked) =>
        this.#slots.move(keySlot(key), toRedirection(error.message, asked.node)),
    })
    this.#options = {
      client: { connect: (node, events) => this.#connect(client, node, events) },
      beforeWrites: (connection) => this.#makeWhole(connection),
      replyTimeoutMs: REPLY_TIMEOUT_MS,
      message: (channel) => this.channels.message(channel),
      unsubscribed: (link) => this.channels.lost(link),
    }
  }

  /**
   * @throws {Error} the error reply of the server, or after `timeoutMs` the last reason why there was none.
   */
  async request({ key, command, way, timeoutMs }: Request): Promise<unknown> {
    const slot = keySlot(key)
    const deadline = performance.now() + timeoutMs
    let isKnown = true
    for (let attempt = 0; ; attempt++) {
      const node = this.#slots.find(slot)
      let link = this.link(node)
      let outcome = await tried(link, way, [toCommand(command, isKnown)])
      if ("error" in outcome && replyCode(outcome.error) === "ASK") {
        link = this.link(toRedirection(messageOf(outcome.error), node))
        outcome = await this.#asked(link, way, toCommand(command, false))
      }
      if (!("error" in outcome)) return outcome.reply
      const { error } = outcome
      const code = replyCode(error)
      if (code === "NOSCRIPT" && isKnown) {
        isKnown = false
        continue
      }
      isKnown = true
      if (code === "MOVED") this.#slots.move(slot, toRedirection(messageOf(error), link.node))
      const isOver = this.#isClosed || performance.now() >= deadline
      if (isOver || (code !== "MOVED" && !isPassing(error))) throw error
      if (code === "MOVED") this.channels.check()
      // Servers that send one to each other do so until they agree.
      const isKnownNow = code === "MOVED" && attempt < 3
      if (isKnownNow || error instanceof NotDurableError) continue
      await pause(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt))
      if (code !== "MOVED") await this.#refresh(link)
    }
  }

  /**
   * Sends commands once, with nothing between them, to the server that is thought to hold a key. Gives the outcome of
   * each, or one error when none was sent. What failed may have been done all the same.
   */
  attempt(key: string, commands: readonly Command[], way: Way): Promise<readonly Outcome[]> {
    return triedAll(this.link(this.#slots.find(keySlot(key))), way, commands)
  }

  /** Learns the servers of a cluster, when it is one. Rejects when no server can be reached. */
  async discover(timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs
    for (let attempt = 0; ; attempt++) {
      const outcome = await this.#askSlots(this.link(undefined))
      // A server on its own, or one that keeps this from us: what it holds it will say.
      if (!("error" in outcome) || !isPassing(outcome.error)) return
      if (performance.now() >= deadline) throw outcome.error
      await pause(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt))
    }
  }

  link(node: ValkeyNode | undefined): NodeLink {
    const name = node === undefined ? "" : `${node.host ?? ""} ${node.port}`
    const known = this.#links.get(name)
    if (known !== undefined) return known
    const link = new NodeLink(node, this.#options)
    this.#links.set(name, link)
    return link
  }

  /**
   * From here on no server is written to before its append-only file is known to be whole. So what is connected by
   * now to write is connected anew.
   */
  wantWholeFiles(): void {
    if (this.#wantsWholeFiles) return
    this.#wantsWholeFiles = true
    for (const link of this.#links.values()) link.renewWrites()
  }

  close(): void {
    this.#isClosed = true
    this.channels.close()
    for (const link of this.#links.values()) link.close()
    this.#links.clear()
  }

  /** Whoever was at work while this was closed may ask for a connection still, which nobody would close. */
  async #connect(
    client: ValkeyClient,
    node: ValkeyNode | undefined,
    events: ValkeyEvents,
  ): Promise<ValkeyConnection> {
    if (this.#isClosed) throw new Error("Cannot connect: the last log of the client was closed")
    return client.connect(node, events)
  }

  /** A server that was away may have started anew. */
  async #makeWhole(connection: ValkeyConnection): Promise<void> {
    if (!this.#wantsWholeFiles) return
    const isWhole = await makeFileWhole((command) => connection.send(command), REPLY_TIMEOUT_MS)
    if (isWhole) return
    throw new Error(
      "the server may have cut its append-only file within a transaction, and does not rewrite it; set aof-load-truncated no, or allow INFO and BGREWRITEAOF",
    )
  }

  /** ASKING counts for the next command only, so nothing may stand between; then it is as durable as its next attempt says. */
  async #asked(link: NodeLink, way: Way, command: Command): Promise<Outcome> {
    const type = way.type === "read" ? "read" : "write"
    const outcome = await tried(link, { type }, [["ASKING"], command])
    if (way.type !== "durable" || "error" in outcome) return outcome
    // The write is there, and nobody has said that it is on disk: it is sent again until someone does.
    return { error: new Error("Cannot wait for the disk while the slot is on its way") }
  }

  /** Asks the servers that are known, the others first, where the slots are now; and last that which the client was made for. */
  #refresh(failed: NodeLink): Promise<void> {
    this.#refreshing ??= (async () => {
      const nodes = [...this.#slots.nodes()]
      if (nodes.length > 0) {
        const known = [...new Set(nodes.map((node) => this.link(node)))]
        // Another one first each time: one that was cut off tells for long what was before.
        const first = this.#refreshes++ % known.length
        const links = [...known.slice(first), ...known.slice(0, first)]
        links.sort((left, right) => Number(left === failed) - Number(right === failed))
        // All may have gone elsewhere, and what the client was given may be a name that leads there.
        links.push(this.link(undefined))
        for (const link of links) if (!("error" in (await this.#askSlots(link)))) break
        this.channels.check()
      }
      this.#refreshing = undefined
    })()
    return this.#refreshing
  }

  async #askSlots(link: NodeLink): Promise<Outcome> {
    const outcome = await tried(link, { type: "read" }, [["CLUSTER", "SLOTS"]])
    if (!("error" in outcome)) this.#slots.fill(outcome.reply, link.node)
    return outcome
  }
}

/** Gives the outcome of the last command. */
async function tried(link: NodeLink, way: Way, commands: readonly Command[]): Promise<Outcome> {
  const outcomes = await triedAll(link, way, commands)
  return outcomes.at(-1) ?? { error: new Error("Cannot send no command") }
}

async function triedAll(
  link: NodeLink,
  way: Way,
  commands: readonly Command[],
): Promise<readonly Outcome[]> {
  try {
    return await link.send(way, commands)
  } catch (error) {
    return [{ error }]
  }
}

function toCommand(command: Command | ScriptCall, isKnown: boolean): Command {
  if (!("script" in command)) return command
  const { script, keys, args } = command
  const first = isKnown ? ["EVALSHA", script.digest] : ["EVAL", script.text]
  return [...first, String(keys.length), ...keys, ...args]
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
