export type { OmnistreamsChannel } from "./incoming-channel.ts"
export { omnistreams } from "./omnistreams.ts"
export {
  decodeOmnistreamsFrame,
  encodeOmnistreamsFrame,
  type OmnistreamsFrame,
} from "./omnistreams-frame.ts"
export type { OmnistreamsOptions } from "./omnistreams-options.ts"
export { OmnistreamsSession } from "./omnistreams-session.ts"
