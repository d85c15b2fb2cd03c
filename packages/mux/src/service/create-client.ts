import { map } from "@bellmouth/core"
import type { Channel, OpenOptions } from "../channel/channel.ts"
import type { RequestOptions } from "../channel/request-client.ts"
import type { Session } from "../session/session.ts"
import { MuxError } from "../wire/mux-error.ts"
import type { Method, Methods } from "./method.ts"
import type { ServiceOptions } from "./serve-methods.ts"
import { jsonCodec } from "./value-codec.ts"

/** The names of the methods of one kind. */
export type NamesOf<M extends Methods, K extends Method["kind"]> = {
  [N in keyof M]: M[N]["kind"] extends K ? N : never
}[keyof M] &
  string

type ParamsOf<T> = T extends { params(value: unknown): infer P } ? P : never
type InputOf<T> = T extends { item(value: unknown): infer I } ? I : never
type ResultOf<T> = T extends { run(...args: never[]): infer R } ? Awaited<R> : never
type OutputOf<T> = ResultOf<T> extends ReadableStream<infer O> ? O : never

type Arguments<T, O> =
  ParamsOf<T> extends void ? [params?: undefined, options?: O] : [params: ParamsOf<T>, options?: O]

/** What goes to a sink, and what it makes of it. */
export interface SinkCall<I, R> {
  readonly writable: WritableStream<I>
  /** Rejects with what the method failed with. Needs no handling. */
  readonly result: Promise<R>
}

/**
 * The methods of the other side. What it gives has the types of its methods as long as both sides
 * agree on them; values are what the codec can carry.
 */
export interface Client<M extends Methods> {
  /** Calls a method of kind `async`. */
  call<N extends NamesOf<M, "async">>(
    name: N,
    ...args: Arguments<M[N], RequestOptions>
  ): Promise<ResultOf<M[N]>>
  /** The readable of a method of kind `source`; the method runs from now on, as far as its window. */
  source<N extends NamesOf<M, "source">>(
    name: N,
    ...args: Arguments<M[N], OpenOptions>
  ): ReadableStream<OutputOf<M[N]>>
  /** Begins a method of kind `sink`. */
  sink<N extends NamesOf<M, "sink">>(
    name: N,
    ...args: Arguments<M[N], OpenOptions>
  ): SinkCall<InputOf<M[N]>, ResultOf<M[N]>>
  /** Begins a method of kind `duplex`. */
  duplex<N extends NamesOf<M, "duplex">>(
    name: N,
    ...args: Arguments<M[N], OpenOptions>
  ): ReadableWritablePair<OutputOf<M[N]>, InputOf<M[N]>>
}

/**
 * Makes a client of the methods that the other side of a session serves. The types are those of
 * `typeof methods` there; nothing but the type is needed here.
 *
 * @example Types from the other side
 * ```ts
 * import assert from "node:assert/strict"
 * import { duplexPair } from "@bellmouth/core"
 * import { connect } from "@bellmouth/mux"
 * import { asyncMethod, createClient, serveMethods } from "@bellmouth/mux/service"
 *
 * const methods = { now: asyncMethod(() => ({ ms: 1_000 })) }
 * const [here, there] = duplexPair<Uint8Array>()
 * serveMethods(connect(there), methods)
 *
 * const client = createClient<typeof methods>(connect(here))
 * const { ms } = await client.call("now")
 * assert.equal(ms.toFixed(), "1000")
 * ```
 */
export function createClient<M extends Methods>(
  session: Pick<Session, "open" | "request">,
  options: ServiceOptions = {},
): Client<M> {
  const { codec = jsonCodec } = options
  const encode = (value: unknown): Uint8Array => codec.encode(value)
  const open = (method: string, params: unknown, given?: OpenOptions): Channel =>
    session.open(encode({ method, params }), given)
  // Both sides agree on the types of what is decoded: the one place where that is believed.
  const decode = <T>(bytes: Uint8Array): T => codec.decode(bytes) as T
  const output = <T>(channel: Channel): ReadableStream<T> =>
    channel.readable.pipeThrough(map((bytes: Uint8Array) => decode<T>(bytes)))
  const input = <T>(channel: Channel): WritableStream<T> => {
    const encoder = map((value: T) => encode(value))
    encoder.readable.pipeTo(channel.writable).catch(() => {}) // the writer is told
    return encoder.writable
  }
  return {
    call: async (name, ...[params, given]) =>
      decode(await session.request(encode({ method: name, params }), given)),
    source(name, ...[params, given]) {
      const channel = open(name, params, given)
      channel.writable.close().catch(() => {}) // the reader is told
      return output(channel)
    },
    sink(name, ...[params, given]) {
      const channel = open(name, params, given)
      const result = firstOf(channel.readable).then((bytes) => decode<never>(bytes))
      result.catch(() => {})
      return { writable: input(channel), result }
    },
    duplex(name, ...[params, given]) {
      const channel = open(name, params, given)
      return { readable: output(channel), writable: input(channel) }
    },
  }
}

async function firstOf(readable: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const reader = readable.getReader()
  const { done, value } = await reader.read()
  if (done) throw new MuxError("PROTOCOL", "Cannot give the result: the other side gave none")
  await reader.cancel().catch(() => {}) // how it ends comes second: the result is there
  return value
}
