import { setTimeout as pause } from "node:timers/promises"
import { type Channel, MuxError, type Session } from "@bellmouth/mux"
import { type Call, decodeCall } from "./call.ts"

type Method = (channel: Channel, call: Call) => Promise<void>

/** The methods that every peer under test has. */
const METHODS = new Map<string, Method>([
  ["echo", (channel) => channel.readable.pipeTo(channel.writable)],
  ["slow", slow],
  ["count", count],
  ["sink", sink],
  ["fail", fail],
  ["hold", hold],
])

/** Serves the methods on every channel and request of a session. */
export function serveMethods(session: Session): void {
  session.handle((body) => {
    const { method, code } = decodeCall(body)
    if (method === "echo") return body
    if (method === "fail") throw applicationError(code)
    throw new MuxError("UNKNOWN_METHOD", `There is no method ${method}`)
  })
  session.serve(async (channel) => {
    const call = decodeCall(channel.metadata)
    const method = METHODS.get(call.method)
    if (method !== undefined) return method(channel, call)
    const unknown = new MuxError("UNKNOWN_METHOD", `There is no method ${call.method}`)
    await Promise.all([channel.readable.cancel(unknown), channel.writable.abort(unknown)])
  })
}

async function slow({ readable, writable }: Channel, { ms }: Call): Promise<void> {
  const writer = writable.getWriter()
  for await (const item of readable) {
    await pause(ms)
    await writer.write(item)
  }
  await writer.close()
}

async function count({ writable }: Channel, { n, size }: Call): Promise<void> {
  const writer = writable.getWriter()
  for (let at = 0; at < n; at++) await writer.write(new Uint8Array(size).fill(at))
  await writer.close()
}

async function sink({ readable, writable }: Channel): Promise<void> {
  let items = 0
  let bytes = 0
  for await (const item of readable) {
    items++
    bytes += item.byteLength
  }
  const writer = writable.getWriter()
  await writer.write(new TextEncoder().encode(`${items} ${bytes}`))
  await writer.close()
}

async function fail(channel: Channel, { after, code }: Call): Promise<void> {
  const writer = channel.writable.getWriter()
  for (let at = 0; at < after; at++) await writer.write(new Uint8Array([at]))
  channel.fail(applicationError(code))
}

/** Neither reads nor ends before it is cancelled. */
function hold({ signal }: Channel): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true })
  })
}

function applicationError(code: number): MuxError {
  return MuxError.fromWire(code, "as asked")
}
