import type {
  TransportController,
  UnderlyingTransport,
} from "../transports/underlying-transport.ts"
import type { MemoryWire } from "./memory-wire.ts"

/** One end of a connection in memory. */
export class MemoryEnd implements UnderlyingTransport {
  readonly halfClose = true
  readonly #out: MemoryWire
  readonly #in: MemoryWire

  constructor(out: MemoryWire, into: MemoryWire) {
    this.#out = out
    this.#in = into
  }

  start(controller: TransportController): void {
    this.#out.writer = controller
    this.#in.reader = controller
  }

  write(bytes: Uint8Array): boolean {
    return this.#out.send(bytes)
  }

  close(): void {
    this.#out.end()
  }

  abort(): void {
    this.#out.lose("the peer broke it off")
  }

  pause(): void {
    this.#in.pause()
  }

  resume(): void {
    this.#in.resume()
  }

  release(): void {
    this.#in.stop()
  }
}
