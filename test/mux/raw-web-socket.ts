import { randomBytes } from "node:crypto"
import { once } from "node:events"
import { connect, type Socket } from "node:net"

export const CONTINUATION = 0
export const TEXT = 1
export const BINARY = 2
export const CLOSE = 8
export const PING = 9

/** A frame of RFC 6455, whatever its rules; its mask is zero, so that bytes stay as they are. */
export function frame(
  opcode: number,
  payload: Uint8Array | number = 0,
  { fin = true, reserved = 0, masked = true } = {},
): Buffer {
  const body = typeof payload === "number" ? Buffer.alloc(payload) : Buffer.from(payload)
  const head = Buffer.alloc(10)
  head[0] = (fin ? 0x80 : 0) | (reserved << 4) | opcode
  const mask = masked ? 0x80 : 0
  let size = 2
  if (body.length < 126) head[1] = mask | body.length
  else {
    head[1] = mask | 127
    head.writeBigUInt64BE(BigInt(body.length), 2)
    size = 10
  }
  return Buffer.concat([head.subarray(0, size), Buffer.alloc(masked ? 4 : 0), body])
}

/** A client of a WebSocket that is no client: it says what it likes. */
export class RawWebSocket {
  /** Bytes that were handed to the system. */
  sent = 0
  isOver = false
  /** The code of the server's CLOSE, where one came. */
  code: number | undefined
  #came = Buffer.alloc(0)
  readonly #socket: Socket
  readonly #gone: Promise<unknown>

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on("error", () => {}) // that it is over is looked at
    this.#gone = new Promise<void>((resolve) => {
      socket.once("close", () => {
        this.isOver = true
        resolve()
      })
    })
    socket.on("data", (bytes: Buffer) => this.#look(bytes))
  }

  static async connect(port: number): Promise<RawWebSocket> {
    const socket = connect(port, "127.0.0.1")
    const lines = [
      "GET / HTTP/1.1",
      "host: 127.0.0.1",
      "upgrade: websocket",
      "connection: upgrade",
      "sec-websocket-version: 13",
      `sec-websocket-key: ${randomBytes(16).toString("base64")}`,
    ]
    socket.write(`${lines.join("\r\n")}\r\n\r\n`)
    const [answer]: Buffer[] = await once(socket, "data")
    if (!answer?.toString("latin1").startsWith("HTTP/1.1 101")) throw new Error("Not upgraded")
    return new RawWebSocket(socket)
  }

  /** Writes bytes so many times, as fast as they are taken, while the connection stands. */
  async flood(bytes: Buffer, times = 1): Promise<void> {
    const most = Math.max(1, Math.floor(65_536 / bytes.length))
    const chunk = Buffer.concat(Array.from({ length: Math.min(most, times) }, () => bytes))
    for (let left = times; left > 0 && !this.isOver; left -= most) {
      const part = chunk.subarray(0, Math.min(left, most) * bytes.length)
      this.sent += part.length
      const drained = once(this.#socket, "drain").catch(() => {}) // it is over
      if (!this.#socket.write(part)) await Promise.race([drained, this.#gone])
    }
  }

  /** Whether the server ends it within so many ms. */
  async endsWithin(ms: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms)
    })
    await Promise.race([this.#gone, late])
    clearTimeout(timer)
    return this.isOver
  }

  destroy(): void {
    this.#socket.destroy()
  }

  /** Looks for the server's CLOSE among its frames, which are short. */
  #look(bytes: Buffer): void {
    this.#came = Buffer.concat([this.#came, bytes])
    for (let at = 0; at + 2 <= this.#came.length; ) {
      const [first = 0, length = 0] = this.#came.subarray(at)
      const size = length < 126 ? length : this.#came.readUInt16BE(at + 2)
      const body = at + (length < 126 ? 2 : 4)
      if ((first & 15) === CLOSE && body + 2 <= this.#came.length) {
        this.code = this.#came.readUInt16BE(body)
        this.#socket.end()
        return
      }
      at = body + size
    }
  }
}
