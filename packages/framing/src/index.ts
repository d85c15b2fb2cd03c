export type { ErrorPolicy } from "./error-policy.ts"
export { decodeFrames } from "./frames/decode-frames.ts"
export { encodeFrames } from "./frames/encode-frames.ts"
export { FrameArrayDecoderStream } from "./frames/frame-array-decoder-stream.ts"
export { FrameArrayEncoderStream } from "./frames/frame-array-encoder-stream.ts"
export { FrameDecoder } from "./frames/frame-decoder.ts"
export { FrameDecoderStream } from "./frames/frame-decoder-stream.ts"
export { FrameEncoderStream } from "./frames/frame-encoder-stream.ts"
export type { FrameOptions } from "./frames/frame-options.ts"
export {
  type FramePrefix,
  lenientVarintPrefix,
  u32Prefix,
  varintPrefix,
} from "./frames/frame-prefix.ts"
export { FramingError, type FramingErrorCode, type FramingErrorOptions } from "./framing-error.ts"
export {
  type Framing,
  type FramingKey,
  type FramingName,
  findFraming,
  framings,
} from "./framings.ts"
export { decodeJson } from "./json/decode-json.ts"
export { encodeJson } from "./json/encode-json.ts"
export { JsonDecoder, type JsonDecoderOptions } from "./json/json-decoder.ts"
export { JsonDecoderStream } from "./json/json-decoder-stream.ts"
export { JsonEncoderStream } from "./json/json-encoder-stream.ts"
export { decodeJsonElements } from "./json-elements/decode-json-elements.ts"
export { JsonElementArrayDecoderStream } from "./json-elements/json-element-array-decoder-stream.ts"
export { JsonElementArrayEncoderStream } from "./json-elements/json-element-array-encoder-stream.ts"
export {
  JsonElementDecoder,
  type JsonElementDecoderOptions,
} from "./json-elements/json-element-decoder.ts"
export { JsonElementDecoderStream } from "./json-elements/json-element-decoder-stream.ts"
export { JsonElementEncoder } from "./json-elements/json-element-encoder.ts"
export { JsonElementEncoderStream } from "./json-elements/json-element-encoder-stream.ts"
export { decodeJsonSequence } from "./json-sequence/decode-json-sequence.ts"
export { encodeJsonSequence } from "./json-sequence/encode-json-sequence.ts"
export { JsonSequenceArrayDecoderStream } from "./json-sequence/json-sequence-array-decoder-stream.ts"
export { JsonSequenceArrayEncoderStream } from "./json-sequence/json-sequence-array-encoder-stream.ts"
export {
  JsonSequenceDecoder,
  type JsonSequenceDecoderOptions,
} from "./json-sequence/json-sequence-decoder.ts"
export { JsonSequenceDecoderStream } from "./json-sequence/json-sequence-decoder-stream.ts"
export { JsonSequenceEncoderStream } from "./json-sequence/json-sequence-encoder-stream.ts"
export { ByteLineArrayDecoderStream } from "./lines/byte-line-array-decoder-stream.ts"
export { ByteLineDecoder, type ByteLineDecoderOptions } from "./lines/byte-line-decoder.ts"
export { ByteLineDecoderStream } from "./lines/byte-line-decoder-stream.ts"
export { decodeByteLines } from "./lines/decode-byte-lines.ts"
export { decodeLines } from "./lines/decode-lines.ts"
export { encodeLines } from "./lines/encode-lines.ts"
export { LineArrayDecoderStream } from "./lines/line-array-decoder-stream.ts"
export { LineArrayEncoderStream } from "./lines/line-array-encoder-stream.ts"
export { LineDecoder, type LineDecoderOptions } from "./lines/line-decoder.ts"
export { LineDecoderStream } from "./lines/line-decoder-stream.ts"
export { LineEncoderStream } from "./lines/line-encoder-stream.ts"
export { decodeNdjson } from "./ndjson/decode-ndjson.ts"
export { encodeNdjson, encodeNdjsonText } from "./ndjson/encode-ndjson.ts"
export { NdjsonArrayDecoderStream } from "./ndjson/ndjson-array-decoder-stream.ts"
export { NdjsonArrayEncoderStream } from "./ndjson/ndjson-array-encoder-stream.ts"
export { NdjsonDecoder, type NdjsonDecoderOptions } from "./ndjson/ndjson-decoder.ts"
export { NdjsonDecoderStream } from "./ndjson/ndjson-decoder-stream.ts"
export { NdjsonEncoderStream } from "./ndjson/ndjson-encoder-stream.ts"
export { NdjsonLine } from "./ndjson/ndjson-line.ts"
export { decodeSse } from "./sse/decode-sse.ts"
export { encodeSse, encodeSseText } from "./sse/encode-sse.ts"
export { SseArrayDecoderStream } from "./sse/sse-array-decoder-stream.ts"
export { SseArrayEncoderStream } from "./sse/sse-array-encoder-stream.ts"
export { SseDecoder, type SseDecoderOptions } from "./sse/sse-decoder.ts"
export { SseDecoderStream } from "./sse/sse-decoder-stream.ts"
export { SseEncoderStream } from "./sse/sse-encoder-stream.ts"
export type { SseEvent, SseEventInit } from "./sse/sse-event.ts"
export type { IncrementalDecoder } from "./transformers/incremental-decoder.ts"
