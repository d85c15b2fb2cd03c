import type { ValkeyArgument, ValkeyClient } from "@bellmouth/log-valkey"

const text = new TextEncoder()

/** A server with one log of small entries, seen by its client: what happens between two commands can be told. */
export class FakeServer {
  tail = 0
  isSealed = false
  /** How many connections were made. */
  connections = 0
  /** Called before each command is answered. */
  before: (name: string) => Promise<void> | void = () => {}
  /** What has the client told that the log has more, once it listens. */
  readonly listening = Promise.withResolvers<() => void>()
  readonly client: ValkeyClient = {
    connect: async (_node, events) => {
      this.connections++
      const closed = Promise.withResolvers<never>()
      closed.promise.catch(() => {})
      return {
        send: (command) => Promise.race([this.#reply(command), closed.promise]),
        subscribe: async (channel) => this.listening.resolve(() => events.message(channel)),
        unsubscribe: async () => {},
        close: () => closed.reject(new Error("the connection was closed")),
      }
    },
  }

  async #reply([name, ...words]: readonly ValkeyArgument[]): Promise<unknown> {
    await this.before(String(name))
    if (name === "EVALSHA") return ["1", "id", "log"]
    if (name === "MULTI") return "OK"
    if (name === "EXEC") return []
    if (name === "HMGET") return ["id", "0", String(this.tail), this.isSealed ? "1" : null, "9"]
    if (name === "XRANGE") return this.#entries(words.map(String))
    throw new Error(`ERR unknown command ${String(name)}`)
  }

  #entries([, from, until, , count]: readonly string[]): unknown[] {
    const last = until === "+" ? this.tail : Math.min(this.tail, Number(until))
    const length = Math.max(0, Math.min(Number(count), last - Number(from) + 1))
    return Array.from({ length }, (_, n) => [
      text.encode(`${Number(from) + n}-1`),
      [text.encode("l"), text.encode(`${Number(from) + n}\n`)],
    ])
  }
}
