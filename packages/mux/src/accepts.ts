import type { Budget } from "./budget.ts"
import { type ChannelCore, NOBODY } from "./channel-core.ts"
import { FIN, MORE } from "./frame.ts"
import { MuxError } from "./mux-error.ts"
import { NOTHING } from "./nothing.ts"
import type { Notices } from "./notices.ts"
import { wireCodeOf } from "./wire-codes.ts"
import type { WireFrame } from "./wire-frame.ts"

/** What accepting needs of its session. */
export interface AcceptsHost {
  readonly budget: Budget
  readonly channels: Map<number, ChannelCore>
  create(isOurs: boolean, metadata: Uint8Array): ChannelCore
}

/** Told of what the peer opened, which is held: `release()` once it is taken, or answered. */
export interface AcceptsEvents {
  channel(channel: ChannelCore): void
  request(channel: ChannelCore, body: Uint8Array): void
}

const REFUSED = { code: wireCodeOf("REFUSED"), text: "" }
const CANCELLED = { code: wireCodeOf("CANCELLED"), text: "" }

/** Takes in the channels and requests that the peer opens. */
export class Accepts {
  readonly #host: AcceptsHost
  readonly #notices: Notices
  readonly #events: AcceptsEvents

  constructor(host: AcceptsHost, notices: Notices, events: AcceptsEvents) {
    this.#host = host
    this.#notices = notices
    this.#events = events
  }

  accept({ id: wireId, flags, first: credit, rest }: WireFrame): void {
    const host = this.#host
    const id = -wireId
    const isRequest = (flags & (FIN | MORE)) !== 0
    const head = detached(rest)
    const channel = host.create(false, isRequest ? NOTHING : head)
    channel.isRequest = isRequest
    channel.outbound.balance = credit
    host.channels.set(id, channel)
    channel.opened(id)
    if ((flags & FIN) !== 0) channel.inbound.isEnded = true
    if (host.budget.free < 0) return refuse(channel)
    channel.hold()
    if ((flags & MORE) !== 0) {
      channel.user = { onNews: () => this.#advance(channel) }
      channel.inbound.isAwaited = () => true
      channel.inbound.head(rest)
    } else if (isRequest) {
      this.#tellRequest(channel, head)
    } else {
      this.#notices.add(() => this.#events.channel(channel))
    }
  }

  /** A request whose body was still coming. */
  #advance(channel: ChannelCore): void {
    if (!channel.inbound.isEnded) return
    channel.user = NOBODY
    const body = channel.inbound.take()
    if (body !== undefined) return this.#tellRequest(channel, body)
    channel.abort(CANCELLED, channel.inbound.error)
    channel.release()
  }

  #tellRequest(channel: ChannelCore, body: Uint8Array): void {
    this.#notices.add(() => this.#events.request(channel, body))
  }
}

function refuse(channel: ChannelCore): void {
  const error = new MuxError("REFUSED", "The session holds too many bytes that nobody reads")
  channel.abort(REFUSED, error)
  if (!channel.inbound.isEnded) channel.cancel(REFUSED, error)
}

/** A view, or a copy where the view would keep far more alive. */
function detached(bytes: Uint8Array): Uint8Array {
  const { byteLength } = bytes.buffer
  return byteLength > 131_072 && 2 * bytes.byteLength < byteLength ? bytes.slice() : bytes
}
