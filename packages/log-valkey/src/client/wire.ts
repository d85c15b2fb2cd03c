import { replyCode } from "./reply.ts"
import type { ValkeyArgument, ValkeyConnection, ValkeyEvents } from "./valkey-client.ts"

/** A command, as its words. */
export type Command = readonly ValkeyArgument[]

/** What became of a command: its reply, or the error that it was answered with. */
export type Outcome = { readonly reply: unknown } | { readonly error: unknown }

/** What a wire is told of its connection. */
export type WireEvents = Pick<ValkeyEvents, "message" | "closed">

/** What a wire tells its owner. */
export interface WireOptions {
  readonly connect: (events: WireEvents) => Promise<ValkeyConnection>
  /** After so many milliseconds without a reply the connection is given up. */
  readonly replyTimeoutMs: number
  readonly message?: (channel: string) => void
  /** The connection that was there is not there any more. */
  readonly lost?: () => void
}

/** How often a connection is looked at within the time that it has for a reply. */
const LOOKS = 4

/** One connection that is made when it is needed, and made anew when it was lost. */
export class Wire {
  readonly #options: WireOptions
  #connection: Promise<ValkeyConnection> | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Commands without a reply, and how many replies there were when the timer was set. */
  #waiting = 0
  #replies = 0

  constructor(options: WireOptions) {
    this.#options = options
  }

  get isOpen(): boolean {
    return this.#connection !== undefined
  }

  /** The connection. Rejects with what the client says when there is none to be had. */
  connection(): Promise<ValkeyConnection> {
    if (this.#connection !== undefined) return this.#connection
    const lost = (): void => this.#lose(connecting)
    const message = this.#options.message ?? (() => {})
    const connecting = this.#options.connect({ message, closed: lost })
    this.#connection = connecting
    connecting.catch(lost)
    return connecting
  }

  /** Sends commands one after another, with nothing of others between. Rejects when none was sent. */
  async send(commands: readonly Command[]): Promise<Outcome[]> {
    const connection = await this.connection()
    this.#waiting += commands.length
    this.#watch()
    return Promise.all(commands.map((command) => this.#outcome(connection, command)))
  }

  /** Subscribes to a sharded channel; the connection is given up when there is no reply to it. */
  async subscribe(channel: string): Promise<void> {
    const connection = await this.connection()
    this.#waiting++
    this.#watch()
    try {
      await connection.subscribe(channel)
    } finally {
      this.#waiting--
      this.#replies++
    }
  }

  close(): void {
    const connecting = this.#connection
    if (connecting !== undefined) this.#lose(connecting)
  }

  async #outcome(connection: ValkeyConnection, command: Command): Promise<Outcome> {
    try {
      return { reply: await connection.send(command) }
    } catch (error) {
      // Without a server's answer nothing is known of the connection.
      if (replyCode(error) === undefined) this.close()
      return { error }
    } finally {
      this.#waiting--
      this.#replies++
    }
  }

  /** Looks now and then: a timer, or a look at the clock, for each command costs more. */
  #watch(silent = 0): void {
    if (this.#timer !== undefined) return
    const seen = this.#replies
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      if (this.#waiting === 0) return
      if (this.#replies !== seen) this.#watch()
      else if (silent + 1 < LOOKS) this.#watch(silent + 1)
      else this.close()
    }, this.#options.replyTimeoutMs / LOOKS)
  }

  #lose(connecting: Promise<ValkeyConnection>): void {
    if (this.#connection !== connecting) return
    this.#connection = undefined
    clearTimeout(this.#timer)
    this.#timer = undefined
    connecting.then(
      (connection) => connection.close(),
      () => {
        // Who has asked for the connection was told.
      },
    )
    this.#options.lost?.()
  }
}
