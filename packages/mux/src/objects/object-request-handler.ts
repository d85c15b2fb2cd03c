import type { RequestContext } from "../channel/request-server.ts"

/**
 * Answers one request with what it returns, or a `transfer` of it. What it throws reaches the peer as
 * a code, and a `MuxError`'s message as well. The value is what the peer chose to send: check it.
 */
export type ObjectRequestHandler = (value: unknown, context: RequestContext) => unknown
