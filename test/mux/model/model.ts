import { otherOf, type Side } from "./wire-model.ts"

/** How its sender ends a direction. */
export type End = "close" | "fail" | "abort"

/** One direction as its users see it: a queue, and how it ends. */
export interface DirectionState {
  /** Items that were written and neither read nor dropped, by number and size. */
  items: { readonly number: number; readonly size: number }[]
  end: End | undefined
  isCancelled: boolean
  /** The reader has seen the end. */
  isSeen: boolean
  /** The cost of the items that were written, and not dropped by a failure. */
  written: number
  /** The cost of the items that were read. */
  taken: number
}

export interface ChannelState {
  readonly opener: Side
  /** By who sends. */
  readonly near: DirectionState
  readonly far: DirectionState
}

/** All that a session's users can know. The first channel is that of messages, which never ends. */
export interface ModelState {
  readonly channels: ChannelState[]
  readonly windowBytes: number
  readonly maxChannels: number
  nextItem: number
}

export function newChannel(opener: Side): ChannelState {
  return { opener, near: newDirection(), far: newDirection() }
}

function newDirection(): DirectionState {
  return { items: [], end: undefined, isCancelled: false, isSeen: false, written: 0, taken: 0 }
}

/** Whether its sender may still write. */
export function isOpen(direction: DirectionState): boolean {
  return direction.end === undefined && !direction.isCancelled
}

/** Whether a read would give something. */
export function isReadable({ items, end, isCancelled, isSeen }: DirectionState): boolean {
  return !isCancelled && !isSeen && (items.length > 0 || end !== undefined)
}

/** Channels that `side` opened and that may not be over. */
export function openedBy({ channels }: ModelState, side: Side): number {
  const isUsed = (channel: ChannelState): boolean =>
    channel.opener === side && [channel.near, channel.far].some((each) => !isDone(each))
  return channels.slice(1).filter(isUsed).length
}

/** Nothing of it may hold a place any more. */
function isDone({ end, isCancelled, isSeen }: DirectionState): boolean {
  return isSeen || isCancelled || end === "abort"
}

/** The direction that `reader` reads. */
export function readBy(channel: ChannelState, reader: Side): DirectionState {
  return channel[otherOf(reader)]
}
