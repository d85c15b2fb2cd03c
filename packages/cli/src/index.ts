export { createLiveHandler, type LiveHandlerOptions } from "./live-handler.ts"
