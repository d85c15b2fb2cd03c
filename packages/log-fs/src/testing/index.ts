export { type FileFault, type FileOperation, faultLayer } from "./fault-layer.ts"
export { MemoryFileLayer } from "./memory-file-layer.ts"
