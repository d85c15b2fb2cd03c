import { toList, toNumber, toText } from "../client/reply.ts"
import type { ValkeyNode } from "../client/valkey-client.ts"

/** Which server holds which slots, as far as it is known. */
export class SlotMap {
  #ranges: readonly SlotRange[] = []
  /** What was learned of single slots since. */
  readonly #moved = new Map<number, ValkeyNode>()

  /** The server that writes to a slot; undefined when the one that the client was made for does, or nothing is known. */
  find(slot: number): ValkeyNode | undefined {
    const moved = this.#moved.get(slot)
    if (moved !== undefined) return moved
    return this.#ranges.find(({ from, to }) => from <= slot && slot <= to)?.node
  }

  /** All servers that are known. */
  nodes(): readonly ValkeyNode[] {
    return [...this.#moved.values(), ...this.#ranges.map(({ node }) => node)]
  }

  move(slot: number, node: ValkeyNode): void {
    this.#moved.set(slot, node)
  }

  /** Takes over the reply to `CLUSTER SLOTS` of a server. */
  fill(reply: unknown, asked: ValkeyNode | undefined): void {
    this.#ranges = toList(reply).map((row) => {
      const [from, to, primary] = toList(row)
      const [host, port] = toList(primary)
      const text = host === null ? "" : toText(host)
      const node = { host: toHost(text, asked), port: toNumber(port) }
      return { from: toNumber(from), to: toNumber(to), node }
    })
    this.#moved.clear()
  }
}

interface SlotRange {
  readonly from: number
  readonly to: number
  readonly node: ValkeyNode
}

/** Where a `MOVED` or `ASK` reply points: `MOVED 3999 127.0.0.1:6381`; without a host, to the server asked. */
export function toRedirection(message: string, asked: ValkeyNode | undefined): ValkeyNode {
  const [, , address = ""] = message.split(" ")
  const colon = address.lastIndexOf(":")
  const host = address.slice(0, colon)
  return {
    host: toHost(host, asked),
    port: Number(address.slice(colon + 1)),
  }
}

/** A server that does not know its own address, or is not to tell it, is where it was asked. */
function toHost(text: string, asked: ValkeyNode | undefined): string | undefined {
  return text === "" || text === "?" ? asked?.host : text
}
