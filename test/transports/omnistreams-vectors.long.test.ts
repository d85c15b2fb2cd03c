import { Multiplexer, type Producer } from "omnistreams"
import { expect, test } from "vitest"
import vectors from "../vectors/mux/omnistreams.json" with { type: "json" }

interface FrameVector {
  readonly type: string
  readonly id?: number
  readonly items?: number
  readonly metadata?: string
  readonly payload?: string
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex")
const bytesOf = (hex = ""): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"))

const frames: readonly { name: string; hex: string; frame: FrameVector }[] = vectors.frames

/** The published package between two scripts: what goes, and what it makes of what comes. */
class Published {
  readonly sent: string[] = []
  readonly seen: FrameVector[] = []
  readonly multiplexer = new Multiplexer()
  producer: Producer | undefined
  #came = 0

  constructor() {
    this.multiplexer.setSendHandler((message) => this.sent.push(hexOf(message)))
    this.multiplexer.onControlMessage((message) => {
      this.seen.push({ type: "message", payload: hexOf(message) })
    })
    this.multiplexer.onConduit((producer, metadata = bytesOf()) => {
      const id = this.#came++
      this.producer = producer
      producer.onData((data = bytesOf()) => {
        this.seen.push({ type: "data", id, payload: hexOf(data) })
      })
      producer.onEnd(() => this.seen.push({ type: "end", id }))
      this.seen.push({ type: "open", id, metadata: hexOf(metadata) })
    })
  }

  /** Opens channels until one has this number, which is the last. */
  open(last: number, metadata?: Uint8Array) {
    for (let id = 0; ; id++) {
      const consumer = this.multiplexer.createConduit(id === last ? metadata : undefined)
      if (consumer === null) throw new Error("Cannot open: there is no number left")
      consumer.onRequest((items) => this.seen.push({ type: "request", id, items }))
      consumer.onTermination(() => this.seen.push({ type: "cancel", id }))
      if (id === last) return consumer
    }
  }

  /** The peer opens channels until one has this number. */
  accept(last: number): Producer {
    for (let id = 0; id <= last; id++) this.receive(`00${hexOf(Uint8Array.of(id))}`)
    if (this.producer === undefined) throw new Error("Cannot accept: no channel came")
    return this.producer
  }

  receive(hex: string): void {
    this.multiplexer.handleMessage(bytesOf(hex))
  }
}

/** Has the published package send a frame. */
function send(published: Published, { type, id = 0, items = 0, ...bytes }: FrameVector): void {
  const payload = bytesOf(bytes.payload)
  switch (type) {
    case "open":
      return void published.open(id, bytesOf(bytes.metadata))
    case "data":
      return published.open(id).write(payload)
    case "end":
      return published.open(id).end()
    case "cancel":
      return published.accept(id).terminate()
    case "request":
      return published.accept(id).request(items)
    case "message":
      return published.multiplexer.sendControlMessage(payload)
    default:
      throw new Error(`The vectors have a frame of type ${type}`)
  }
}

/** Brings it to where the frame has something to be about. */
function prepare(published: Published, { type, id = 0 }: FrameVector): void {
  if (type === "data" || type === "end") published.accept(id)
  else if (type === "cancel" || type === "request") published.open(id)
  else if (type === "open" && id > 0) published.accept(id - 1)
}

test.each(frames)("The published omnistreams sends the vector: $name", ({ hex, frame }) => {
  const published = new Published()
  send(published, frame)
  expect(published.sent.at(-1)).toBe(hex)
})

test.each(frames)("The published omnistreams reads the vector: $name", ({ hex, frame }) => {
  const published = new Published()
  prepare(published, frame)
  published.seen.length = 0
  published.receive(hex)
  expect(published.seen).toEqual([frame])
})
