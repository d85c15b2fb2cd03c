import { connectionLost, TransportError, type TransportErrorOptions } from "./transport-error.ts"

/** Our closing handshake. */
export const NORMAL = 1000
/** We have broken off. Browsers let a page send only 1000 and codes from 3000 on. */
export const ABORTED = 4000
/** The peer has sent a text message. */
export const NOT_BYTES = 4003

const NO_STATUS = 1005

/** Whether a close code says that all that was sent has come. */
export function isEnd(code: number | undefined): boolean {
  return code === NORMAL || code === NO_STATUS
}

/** What a WebSocket's end means that is not the end of its bytes. */
export function closeFault(
  wasOpen: boolean,
  code: number | undefined,
  reason: string | undefined,
  cause: unknown,
): TransportError {
  const details: TransportErrorOptions = {
    closeCode: code,
    closeReason: reason || undefined,
    ...(cause === undefined ? {} : { cause }),
  }
  if (wasOpen) return connectionLost(`the WebSocket closed with ${code}`, details)
  const message = "Cannot connect: the WebSocket did not open; look at the address and the server"
  return new TransportError("CONNECT_FAILED", message, details)
}
