export {
  type BunWebSocketHandlers,
  type BunWebSocketOptions,
  bunWebSocketHandlers,
} from "./bun-web-socket-handlers.ts"
export {
  createTransport,
  type TransportOptions,
} from "./create-transport.ts"
export type { DataChannelLike } from "./data-channel-like.ts"
export { type DataChannelTransportOptions, dataChannelTransport } from "./data-channel-transport.ts"
export type { MessageEventLike, MessagePortLike } from "./message-port-like.ts"
export { type MessagePortTransportOptions, messagePortTransport } from "./message-port-transport.ts"
export {
  TransportError,
  type TransportErrorCode,
  type TransportErrorOptions,
} from "./transport-error.ts"
export type { BunServerSocketLike } from "./underlying-bun-socket.ts"
export type { TransportController, UnderlyingTransport } from "./underlying-transport.ts"
export type { WebSocketStreamLike } from "./underlying-web-socket-stream.ts"
export type { WebSocketEventLike, WebSocketLike } from "./web-socket-like.ts"
export { webSocketStreamTransport } from "./web-socket-stream-transport.ts"
export { type WebSocketTransportOptions, webSocketTransport } from "./web-socket-transport.ts"
