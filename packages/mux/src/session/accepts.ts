import type { ChannelCore } from "../channel/channel-core.ts"
import { NOBODY } from "../channel/channel-user.ts"
import { FIN, MORE } from "../wire/frame.ts"
import { MuxError } from "../wire/mux-error.ts"
import { NOTHING } from "../wire/nothing.ts"
import type { WireFrame } from "../wire/wire-frame.ts"

/** Told of what the peer opened, which is held: `release()` once it is taken, or answered. */
export interface AcceptsEvents {
  channel(channel: ChannelCore): void
  request(channel: ChannelCore, body: Uint8Array): void
}

/** What accepting needs of its session. */
export interface AcceptsHost {
  readonly freeBytes: number
  readonly channels: Map<number, ChannelCore>
  readonly events: AcceptsEvents
  create(metadata: Uint8Array): ChannelCore
  /** Tells its user, as soon as the chunk of the transport was gone through. */
  tell(news: () => void): void
}

/** Takes in a channel or request that the peer opens. */
export function accept(host: AcceptsHost, open: WireFrame): void {
  const { flags, rest } = open
  const id = -open.id
  const isRequest = (flags & (FIN | MORE)) !== 0
  const head = detached(rest)
  const channel = host.create(isRequest ? NOTHING : head)
  channel.isRequest = isRequest
  channel.outbound.balance = open.first
  host.channels.set(id, channel)
  channel.id = id
  if ((flags & FIN) !== 0) channel.inbound.isEnded = true
  if (host.freeBytes < 0) return refuse(channel)
  channel.hold()
  if ((flags & MORE) !== 0) {
    channel.user = { onNews: () => advance(host, channel) }
    channel.inbound.isAwaited = () => true
    channel.inbound.head(rest)
  } else {
    host.tell(() => {
      if (isRequest) host.events.request(channel, head)
      else host.events.channel(channel)
    })
  }
}

/** A request whose body was still coming. */
function advance(host: AcceptsHost, channel: ChannelCore): void {
  if (!channel.inbound.isEnded) return
  channel.user = NOBODY
  const body = channel.take()
  if (body !== undefined) return host.tell(() => host.events.request(channel, body))
  channel.abort(undefined)
  channel.release()
}

function refuse(channel: ChannelCore): void {
  const error = new MuxError("REFUSED", "The session holds too much that nobody reads")
  channel.abort(error)
  channel.cancel(error)
}

/** A view, or a copy where the view would keep far more alive. */
function detached(bytes: Uint8Array): Uint8Array {
  const { byteLength } = bytes.buffer
  return byteLength > 131_072 && 2 * bytes.byteLength < byteLength ? bytes.slice() : bytes
}
