export type { Channel, OpenOptions } from "./channel.ts"
export { connect } from "./connect.ts"
export { encodeFrame } from "./encode-frame.ts"
export type { Frame } from "./frame.ts"
export { FrameDecoder, type FrameDecoderOptions } from "./frame-decoder.ts"
export { MuxError, type MuxErrorOptions } from "./mux-error.ts"
export type { PeerHello } from "./peer-hello.ts"
export {
  type ChannelHandler,
  type RequestContext,
  type RequestHandler,
  type RequestOptions,
  Session,
} from "./session.ts"
export type { SessionOptions } from "./session-options.ts"
export type { Transport } from "./transport.ts"
export type { MuxErrorCode } from "./wire-codes.ts"
