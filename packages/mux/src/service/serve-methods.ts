import { map } from "@bellmouth/core"
import type { Channel } from "../channel/channel.ts"
import type { Session } from "../session/session.ts"
import { MuxError } from "../wire/mux-error.ts"
import type { Method, Methods, Parse } from "./method.ts"
import { jsonCodec, type ValueCodec } from "./value-codec.ts"

/** Options of {@link serveMethods} and `createClient`. */
export interface ServiceOptions {
  /** How values become bytes; the same on both sides. Default {@link jsonCodec}. */
  readonly codec?: ValueCodec
}

/** What the other side asks for. */
interface Call {
  readonly method: string
  readonly params: unknown
}

/**
 * Serves methods to the other side of a session, in place of its handlers before.
 *
 * Only own names of `methods` can be called, and only as what they are: anything else fails with
 * `UNKNOWN_METHOD`. Parameters that a method's parser refuses fail with `REFUSED`; what a method
 * throws crosses as its code and text when it is a `MuxError`, else as `INTERNAL` without a text. A
 * call holds one of the session's `maxChannels` places until its method is done.
 *
 * @example A failure of the application
 * ```ts
 * import assert from "node:assert/strict"
 * import { duplexPair } from "@bellmouth/core"
 * import { connect, MuxError } from "@bellmouth/mux"
 * import { asyncMethod, createClient, serveMethods } from "@bellmouth/mux/service"
 *
 * const methods = {
 *   buy: asyncMethod((): string => {
 *     throw new MuxError("APPLICATION", "Sold out", { wireCode: 300 })
 *   }),
 * }
 * const [here, there] = duplexPair<Uint8Array>()
 * serveMethods(connect(there), methods)
 * const client = createClient<typeof methods>(connect(here))
 * await assert.rejects(client.call("buy"), { wireCode: 300, message: "Sold out" })
 * ```
 */
export function serveMethods(
  session: Pick<Session, "handle" | "serve">,
  methods: Methods,
  options: ServiceOptions = {},
): void {
  const { codec = jsonCodec } = options
  const table = new Map(Object.entries(methods))
  const find = (bytes: Uint8Array, isRequest: boolean): { method: Method; call: Call } => {
    const call = toCall(codec, bytes)
    const method = table.get(call.method)
    if (method !== undefined && (method.kind === "async") === isRequest) return { method, call }
    const what = isRequest ? "call" : "open a channel to"
    throw new MuxError("UNKNOWN_METHOD", `Cannot ${what} ${JSON.stringify(call.method)}`)
  }
  session.handle(async (body, context) => {
    const { method, call } = find(body, true)
    if (method.kind !== "async") throw new TypeError("Cannot answer a request by a channel")
    return codec.encode(await method.run(paramsOf(method, call), context))
  })
  session.serve((channel) => {
    const { method, call } = find(channel.metadata, false)
    return serveChannel(channel, method, paramsOf(method, call), codec)
  })
}

async function serveChannel(
  channel: Channel,
  method: Method,
  params: unknown,
  codec: ValueCodec,
): Promise<void> {
  const { signal } = channel
  const input = (item: Parse<unknown>): ReadableStream<unknown> =>
    channel.readable.pipeThrough(map((bytes: Uint8Array) => item(codec.decode(bytes))))
  switch (method.kind) {
    case "source":
      return send(await method.run(params, { signal }), channel, codec)
    case "duplex":
      return send(await method.run(params, input(method.item), { signal }), channel, codec)
    case "sink": {
      const result = codec.encode(await method.run(params, input(method.item), { signal }))
      const writer = channel.writable.getWriter()
      await writer.write(result)
      return writer.close()
    }
    default:
      throw new TypeError(`Cannot serve a channel by a method of kind ${method.kind}`)
  }
}

/** What fails is told behind what came before it. */
function send(
  readable: ReadableStream<unknown>,
  channel: Channel,
  codec: ValueCodec,
): Promise<void> {
  const bytes = readable.pipeThrough(map((value) => codec.encode(value)))
  return bytes.pipeTo(channel.writable, { preventAbort: true })
}

function toCall(codec: ValueCodec, bytes: Uint8Array): Call {
  const value = refusing("Cannot read the call", () => codec.decode(bytes))
  if (typeof value === "object" && value !== null && "method" in value) {
    const { method } = value
    const params = "params" in value ? value.params : undefined
    if (typeof method === "string") return { method, params }
  }
  throw new MuxError("REFUSED", "Cannot read the call: it has no method")
}

function paramsOf(method: Method, { method: name, params }: Call): unknown {
  const what = `Cannot read the parameters of ${JSON.stringify(name)}`
  return refusing(what, () => method.params(params))
}

/** Why is for this side: only that it was refused is told. */
function refusing<T>(message: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (cause instanceof MuxError) throw cause
    throw new MuxError("REFUSED", message, { cause })
  }
}
