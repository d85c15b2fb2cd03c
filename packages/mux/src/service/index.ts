export { type Client, createClient, type NamesOf, type SinkCall } from "./create-client.ts"
export {
  type AsyncMethod,
  asyncMethod,
  type DuplexMethod,
  duplexMethod,
  type ItemShape,
  type Method,
  type MethodContext,
  type Methods,
  type ParamsShape,
  type Parse,
  type SinkMethod,
  type SourceMethod,
  sinkMethod,
  sourceMethod,
} from "./method.ts"
export { type PortsMethods, portsMethods, remotePorts } from "./ports-methods.ts"
export { type ServiceOptions, serveMethods } from "./serve-methods.ts"
export { jsonCodec, type ValueCodec } from "./value-codec.ts"
