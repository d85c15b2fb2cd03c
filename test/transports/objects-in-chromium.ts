import { from, toArray } from "@bellmouth/core"
import { MuxError } from "@bellmouth/mux"
import { connectObjects, type ObjectSession, transfer } from "@bellmouth/mux/objects"
import type { MessagePortLike } from "@bellmouth/mux/transports"

/** What became of one claim about values between this page and its worker. */
export interface ObjectResult {
  readonly claim: string
  readonly error: string
}

const BYTES = 1_000_000

/** What a page can see of a session of values whose other side is {@link serve}. */
const claims: Readonly<Record<string, (session: ObjectSession) => Promise<void>>> = {
  async "clones what structured clone can"(session) {
    const value = { map: new Map([[1, new Date(5)]]), big: 2n ** 70n, blob: new Blob(["ab"]) }
    const reply = (await session.request(value)) as typeof value
    const text = await reply.blob.text()
    const at = reply.map.get(1)?.getTime()
    if (at !== 5 || reply.big !== value.big || text !== "ab") throw new Error(`${at}, ${text}`)
  },
  async "hands buffers over, both ways"(session) {
    const buffer = new ArrayBuffer(BYTES)
    const reply = (await session.request(transfer(buffer, [buffer]))) as ArrayBuffer
    if (buffer.byteLength !== 0) throw new Error(`${buffer.byteLength} bytes were copied`)
    if (reply.byteLength !== BYTES) throw new Error(`${reply.byteLength} bytes came back`)
  },
  async "draws on a canvas that it was handed"(session) {
    const canvas = document.createElement("canvas").transferControlToOffscreen()
    const reply = await session.request(transfer(canvas, [canvas]))
    if (reply !== "300 x 150") throw new Error(`The canvas is ${String(reply)}`)
  },
  async "echoes 1,000 values of a channel in order"(session) {
    const channel = session.open("echo")
    const values = Array.from({ length: 1000 }, (_unused, n) => ({ n }))
    void from(values).pipeTo(channel.writable)
    const back = (await toArray(channel.readable)) as typeof values
    if (back.length !== 1000 || back.some(({ n }, at) => n !== at)) {
      throw new Error(`${back.length} values came, or came in another order`)
    }
  },
  async "stops a writer whose reader has stopped, and no other channel"(session) {
    const channel = session.open("hold")
    const writer = channel.writable.getWriter()
    let accepted = 0
    const writing = (async () => {
      for (;;) {
        await writer.write(accepted)
        accepted++
      }
    })().catch(() => {}) // it ends by the abort below
    for (let n = 0; n < 200; n++) await session.request(n)
    await writer.abort()
    await Promise.all([writing, channel.readable.cancel()])
    if (accepted < 1 || accepted > 200) throw new Error(`${accepted} values were accepted`)
  },
  async "fails with the code that the worker gave"(session) {
    const reply = await session.request("refuse").catch((error: unknown) => error)
    if (!(reply instanceof MuxError) || reply.code !== "REFUSED") throw new Error(String(reply))
  },
  async closes(session) {
    await session.close()
  },
}

/** The worker's side. */
function serve(scope: MessagePortLike): void {
  const session = connectObjects(scope)
  session.handle((value) => {
    if (value === "refuse") throw new MuxError("REFUSED", "Not today")
    if (value instanceof ArrayBuffer) return transfer(value, [value])
    return value instanceof OffscreenCanvas ? `${value.width} x ${value.height}` : value
  })
  session.serve(async ({ metadata, readable, writable }) => {
    if (metadata === "echo") await readable.pipeTo(writable)
    else await writable.getWriter().closed.catch(() => {}) // never reads
  })
}

/** Puts the claims to a session with a worker. */
export async function main(emit: (value: ObjectResult) => void): Promise<void> {
  const worker = new Worker("/module.mjs", { type: "module" })
  const session = connectObjects(worker)
  for (const [claim, check] of Object.entries(claims)) {
    const error = await check(session).then(
      () => "",
      (reason: unknown) => String(reason),
    )
    emit({ claim, error })
  }
  worker.terminate()
}

if (
  typeof document === "undefined" &&
  Reflect.get(globalThis, "DedicatedWorkerGlobalScope") !== undefined
) {
  // The scope of a worker, which the types of a page do not know.
  serve(globalThis as unknown as MessagePortLike)
}
