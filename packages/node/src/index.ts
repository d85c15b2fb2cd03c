export {
  AdapterError,
  type AdapterErrorCode,
  isBrokenPipe,
} from "./adapter-error.ts"
export { type FileReadableOptions, fileReadable } from "./file-readable.ts"
export { fromNodeReadable } from "./from-node-readable.ts"
export { type FromNodeWritableOptions, fromNodeWritable } from "./from-node-writable.ts"
export { http2Transport } from "./http2-transport.ts"
export { type RunningServer, type ServeOptions, serve } from "./serve.ts"
export { socketTransport } from "./socket-transport.ts"
export { stdin, stdout } from "./stdio.ts"
export { childTransport, stdioTransport } from "./stdio-transport.ts"
export { type NodeHandlerOptions, type RequestHandler, toNodeHandler } from "./to-node-handler.ts"
export {
  toUpgradeHandler,
  type UpgradeHandlerOptions,
  type WebSocketServerLike,
  type WebSocketServerSettings,
} from "./to-upgrade-handler.ts"
export { workerTransport } from "./worker-transport.ts"
