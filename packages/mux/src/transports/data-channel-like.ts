import type { MessageEventLike } from "./message-port-like.ts"

/** What is used of an `RTCDataChannel`. */
export interface DataChannelLike {
  binaryType: string
  bufferedAmountLowThreshold: number
  readonly readyState: string
  readonly bufferedAmount: number
  readonly ordered: boolean
  readonly maxRetransmits: number | null
  readonly maxPacketLifeTime: number | null
  send(data: string | Uint8Array<ArrayBuffer>): void
  close(): void
  addEventListener(
    type: "open" | "message" | "bufferedamountlow" | "close",
    listener: (event: MessageEventLike) => void,
  ): void
  removeEventListener(
    type: "open" | "message" | "bufferedamountlow" | "close",
    listener: (event: MessageEventLike) => void,
  ): void
}
