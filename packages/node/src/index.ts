export {
  AdapterError,
  type AdapterErrorCode,
  isBrokenPipe,
} from "./adapter-error.ts"
export { type FileReadableOptions, fileReadable } from "./file-readable.ts"
export { fromNodeReadable } from "./from-node-readable.ts"
export { type FromNodeWritableOptions, fromNodeWritable } from "./from-node-writable.ts"
export { type RunningServer, type ServeOptions, serve } from "./serve.ts"
export { stdin, stdout } from "./stdio.ts"
export { type NodeHandlerOptions, type RequestHandler, toNodeHandler } from "./to-node-handler.ts"
