import { once } from "node:events"
import { connect, type Socket } from "node:net"

/** A client that sees every byte, and how the connection ends. */
export class RawClient {
  readonly socket: Socket
  readonly #ended: Promise<unknown>
  received = ""

  private constructor(socket: Socket) {
    this.socket = socket
    // A reset is an end like another, for which `once` would reject.
    this.#ended = new Promise((resolve) => socket.once("close", resolve))
    socket.on("error", () => {})
  }

  static async get(port: number, path: string, headers = ""): Promise<RawClient> {
    const socket = connect(port, "127.0.0.1")
    await once(socket, "connect")
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`)
    return new RawClient(socket)
  }

  /** Reads until there is `text`, or the connection is over. */
  async readUntil(text: string): Promise<string> {
    const isOver = this.#ended.then(() => true)
    while (!this.received.includes(text)) {
      const next = await Promise.race([once(this.socket, "data"), isOver])
      if (next === true) break
      this.received += String(next)
    }
    return this.received
  }

  /** Reads to the end, whatever it is. */
  async readAll(): Promise<string> {
    this.socket.on("data", (chunk) => {
      this.received += String(chunk)
    })
    await this.#ended
    return this.received
  }
}
