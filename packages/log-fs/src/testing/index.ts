export { type FileFault, type FileOperation, faultLayer } from "./fault-layer.ts"
export { fileError, MemoryFileLayer } from "./memory-file-layer.ts"
