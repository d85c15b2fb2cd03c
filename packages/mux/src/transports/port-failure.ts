import type { MessageEventLike } from "./message-port-like.ts"

/** Why a port is lost, as far as it says so. */
export function portFailure({ error, message }: MessageEventLike): ErrorOptions {
  if (error !== undefined && error !== null) return { cause: error }
  // Browsers keep the error of a worker there, and give its owner the text.
  return typeof message === "string" ? { cause: new Error(message) } : {}
}
