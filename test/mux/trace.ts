import { type Frame, FrameDecoder } from "@bellmouth/mux"

/** What happened in one simulation: the states it was in, and a hash of everything in order. */
export class Trace {
  readonly states = new Set<string>()
  readonly violations: string[] = []
  #hash = 0x811c9dc5

  /** One thing that happened. */
  add(event: string): void {
    for (let at = 0; at < event.length; at++) {
      this.#hash = Math.imul(this.#hash ^ event.charCodeAt(at), 0x01000193) >>> 0
    }
  }

  /** A state that simulations are meant to reach. */
  reach(state: string): void {
    this.states.add(state)
    this.add(state)
  }

  /** A claim that did not hold. */
  violate(claim: string): void {
    this.violations.push(claim)
  }

  get hash(): number {
    return this.#hash
  }

  /** A transform that changes nothing, and adds each frame that goes through it. */
  watch(side: string): TransformStream<Uint8Array, Uint8Array> {
    const decoder = new FrameDecoder({ maxFrameBytes: 2 ** 24 - 1 })
    return new TransformStream({
      transform: (chunk, controller) => {
        decoder.push(chunk, (frame) => {
          const name = nameOf(frame)
          this.states.add(name)
          this.add(`${side} ${name} ${"id" in frame ? frame.id : 0}`)
        })
        controller.enqueue(chunk)
      },
    })
  }
}

/** The states that show on the wire. */
function nameOf(frame: Frame): string {
  switch (frame.type) {
    case "open":
      return frame.fin ? "a request" : "a channel opened"
    case "data":
      return nameOfData(frame)
    case "credit":
      return frame.id === 0 ? "credit for messages" : "credit"
    case "abort":
      return frame.fin ? "an abort behind data" : "an abort"
    case "ping":
      return frame.ack ? "a ping answered" : "a ping"
    case "goaway":
      return frame.code === 0 ? "a goaway that drains" : "a goaway that fails"
    default:
      return frame.type
  }
}

function nameOfData({ id, fin, more, payload }: Frame & { readonly type: "data" }): string {
  if (id === 0) return "a message"
  if (more) return "a piece of an item"
  if (fin) return payload.byteLength === 0 ? "an end" : "an item with an end"
  return payload.byteLength === 0 ? "an empty item" : "an item"
}
