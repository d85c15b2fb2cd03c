import { FrameBucket } from "../session/frame-bucket.ts"
import type { Transport } from "../transport.ts"
import { encodeFrame } from "../wire/encode-frame.ts"
import { ACK, GOAWAY, HEADER_BYTES } from "../wire/frame.ts"
import { MuxError } from "../wire/mux-error.ts"
import { uint32At } from "../wire/uint32-at.ts"
import { isNumbered, ReplayBuffer } from "./replay-buffer.ts"
import { decodeResumeHello, encodeResumeHello, type ResumeHello } from "./resume-hello.ts"
import { ACK_BYTES, type ResumeOptions } from "./resume-options.ts"
import { Silence } from "./silence.ts"
import type { Wire, WireEnd } from "./wire.ts"

const ACK_FRAMES = 32

/** What stays when transports come and go: the session's end, and what may have to be sent again. */
export class ResumeLink {
  /** What the session runs over. */
  readonly transport: Transport
  /** The greeting of the session here, as it wrote it. */
  readonly hello: Promise<ResumeHello>
  /** Called when the session needs no transport any more. */
  onOver: () => void = () => {}
  readonly #limits: Required<ResumeOptions>
  readonly #bucket: FrameBucket
  readonly #partsFirst: boolean
  readonly #replay = new ReplayBuffer()
  readonly #silence: Silence
  readonly #up: WritableStreamDefaultWriter<Uint8Array>
  readonly #greeting: PromiseWithResolvers<ResumeHello> = Promise.withResolvers()
  #ownHello: ResumeHello | undefined
  #canResume = true
  #received = 0
  #told = 0
  #bytesUntold = 0
  #wire: Wire | undefined
  #room: PromiseWithResolvers<void> | undefined
  #sendingTo: Wire | undefined
  #hasPeerLeft = false
  #hasPeerFailed = false
  #closing: PromiseWithResolvers<void> | undefined
  #end: { readonly isInOrder: boolean; readonly reason: unknown } | undefined

  /** `partsFirst`: of the two sides, this one closes a transport on which both are done. */
  constructor(limits: Required<ResumeOptions>, partsFirst: boolean) {
    this.#limits = limits
    this.#bucket = new FrameBucket(limits.clock)
    this.#partsFirst = partsFirst
    const up = new TransformStream<Uint8Array, Uint8Array>()
    this.#up = up.writable.getWriter()
    this.#up.closed.catch((reason: unknown) => this.fail(reason)) // the session takes no more
    const nothing = new Uint8Array(0)
    this.#silence = new Silence(limits.clock, {
      hear: () => void this.#up.write(nothing).catch(() => {}), // `closed` tells
      giveUp: (reason) => this.#wire?.drop(reason),
    })
    this.hello = this.#greeting.promise
    this.hello.catch(() => {})
    this.transport = {
      isByteStream: false,
      readable: up.readable,
      writable: new WritableStream({
        start: ({ signal }) => {
          // `abort` alone waits for the write in hand, which may wait for the other side.
          signal.addEventListener("abort", () => this.fail(signal.reason), { once: true })
        },
        write: (chunk) => this.#write(chunk),
        close: () => this.#close(),
        abort: (reason) => this.fail(reason),
      }),
    }
  }

  /** How many numbered frames have come. */
  get received(): number {
    return this.#received
  }

  /** The greeting of the session here; undefined before it wrote one. */
  get ownHello(): ResumeHello | undefined {
    return this.#ownHello
  }

  /** Grows with every frame that goes from one side to the other. */
  get progress(): number {
    return this.#received + this.#replay.acknowledged
  }

  /** Whether it has a transport now. */
  get isUsed(): boolean {
    return this.#wire !== undefined
  }

  /** Whether the session needs no transport any more. */
  get isOver(): boolean {
    return this.#end !== undefined
  }

  /** The first greeting of the other side, for the session. */
  async greet(hello: ResumeHello): Promise<void> {
    const none = { session: undefined, seen: undefined, keepMs: undefined }
    await this.#up.write(encodeResumeHello({ rest: hello.rest, ...none }))
  }

  /** Leaves its transport, and goes back to what the other side has; false when that can not be. */
  rewind(seen: number): boolean {
    this.#leave()
    const isKept = this.#replay.rewind(seen)
    this.#makeRoom()
    return isKept
  }

  /** Uses a transport until it ends. Never rejects. */
  async run(wire: Wire, canResume: boolean): Promise<WireEnd> {
    if (this.#end !== undefined) {
      wire.drop(this.#end.reason)
      return { isOver: true }
    }
    this.#leave()
    // Without another transport to come, the silence of this one is that of the peer.
    this.#silence.begin(canResume ? Number(this.#ownHello?.rest.idle ?? 0) : 0)
    this.#wire = wire
    this.#canResume = canResume
    this.#told = this.#received
    this.#bytesUntold = 0
    void this.#send()
    let cause: unknown
    try {
      await this.#read(wire)
      // Whether its end is in order is for the session to say.
      if (!canResume) this.#finish()
    } catch (error) {
      cause = error
      // What breaks the rules is not repeated.
      if (error instanceof MuxError && error.code !== "CONNECTION_LOST") this.fail(error)
    }
    if (this.#hasPeerFailed) this.#finish()
    if (this.#wire === wire) this.#wire = undefined
    wire.drop(cause)
    this.#makeRoom()
    this.#part()
    return this.isOver ? { isOver: true } : { isOver: false, cause }
  }

  /** Ends the session's transport with an error. */
  fail(reason: unknown): void {
    if (this.#end !== undefined) return
    this.#end = { isInOrder: false, reason }
    this.#silence.end()
    this.#greeting.reject(reason)
    this.#room?.reject(reason)
    this.#closing?.reject(reason)
    this.#up.abort(reason).catch(() => {}) // the session has ended by itself
    this.#wire?.drop(reason)
    this.onOver()
  }

  async #read(wire: Wire): Promise<void> {
    let from: { readonly bytes: Uint8Array; readonly start: number; end: number } | undefined
    const pending: Uint8Array[] = []
    const flush = (): void => {
      if (from !== undefined) pending.push(from.bytes.subarray(from.start, from.end))
      from = undefined
    }
    const onFrame = (bytes: Uint8Array, start: number, end: number): void => {
      const type = (bytes[start + 3] ?? 0) >>> 4
      if (this.#canResume && type === ACK) return this.#acknowledged(bytes, start, end)
      if (isNumbered(type)) this.#received++
      if (type === GOAWAY) this.#left(bytes, start, end)
      this.#bytesUntold += end - start
      if (from?.bytes === bytes && from.end === start) from.end = end
      else {
        flush()
        from = { bytes, start, end }
      }
    }
    await wire.read(onFrame, async () => {
      flush()
      // At once: what another transport brings comes behind it.
      await this.#silence.heard(pending.splice(0).map((bytes) => this.#up.write(bytes)))
      this.#tell(wire)
    })
  }

  /** The other side has said farewell, or that it has failed. */
  #left(bytes: Uint8Array, start: number, end: number): void {
    this.#hasPeerLeft = true
    const code = bytes.subarray(start + HEADER_BYTES + 4, Math.min(end, start + HEADER_BYTES + 8))
    if (code.some((byte) => byte !== 0)) this.#hasPeerFailed = true
  }

  #leave(): void {
    this.#wire?.drop(new MuxError("CONNECTION_LOST", "Another transport took its place"))
    this.#wire = undefined
  }

  /** Tells the other side what it need not keep; at once where that is all that one of them waits for. */
  #tell(wire: Wire): void {
    const frames = this.#received - this.#told
    const isUrgent = frames > 0 && (this.#hasPeerLeft || this.#closing !== undefined)
    const isDue = isUrgent || frames >= ACK_FRAMES || this.#bytesUntold >= ACK_BYTES
    if (!this.#canResume || !isDue || wire !== this.#wire) return
    this.#told = this.#received
    this.#bytesUntold = 0
    wire.write(encodeFrame({ type: "ack", count: this.#received >>> 0 })).catch(() => {}) // reading tells
  }

  #acknowledged(bytes: Uint8Array, start: number, end: number): void {
    const isWhole = end - start === HEADER_BYTES + 4
    const { acknowledged } = this.#replay
    if (!isWhole || !this.#replay.acknowledge(uint32At(bytes, start + HEADER_BYTES))) {
      throw new MuxError("PROTOCOL", "Cannot take ACK: it counts frames that were not sent")
    }
    const isNews = this.#replay.acknowledged > acknowledged
    if (!isNews && !this.#bucket.spend()) {
      throw new MuxError("PROTOCOL", "Cannot go on: too many frames of ack that count nothing new")
    }
    this.#makeRoom()
    this.#part()
  }

  get #hasRoom(): boolean {
    if (this.#replay.byteLength >= this.#limits.maxReplayBytes) return false
    return this.#wire === undefined || this.#replay.isSent
  }

  #makeRoom(): void {
    if (this.#room === undefined || !this.#hasRoom) return
    this.#room.resolve()
    this.#room = undefined
  }

  #write(chunk: Uint8Array): Promise<void> | undefined {
    if (this.#end !== undefined) {
      if (this.#end.isInOrder) return undefined // nobody is there to be told
      throw this.#end.reason
    }
    if (this.#ownHello === undefined) {
      // Nothing else comes before the other side's greeting.
      this.#ownHello = decodeResumeHello(chunk)
      this.#greeting.resolve(this.#ownHello)
      return undefined
    }
    this.#replay.push(chunk)
    void this.#send()
    if (this.#hasRoom) return undefined
    this.#room ??= Promise.withResolvers()
    return this.#room.promise
  }

  /** Sends what there is. One loop for each transport: a write to the one before may never end. */
  async #send(): Promise<void> {
    const wire = this.#wire
    if (wire === undefined || this.#sendingTo === wire) return
    this.#sendingTo = wire
    try {
      while (this.#wire === wire) {
        const bytes = this.#replay.take()
        if (bytes === undefined) break
        this.#makeRoom()
        await wire.write(bytes)
        if (this.#canResume || this.#wire !== wire) continue
        this.#replay.forget()
        this.#makeRoom()
      }
    } catch {
      // Reading the same transport tells how it ended.
    }
    if (this.#sendingTo === wire) this.#sendingTo = undefined
    this.#part()
  }

  /** The session has nothing more to send. */
  #close(): Promise<void> {
    this.#closing = Promise.withResolvers()
    if (this.#end !== undefined) this.#closing.resolve()
    else if (this.#wire !== undefined) this.#tell(this.#wire)
    this.#part()
    return this.#closing.promise
  }

  /** Lets go of the other side, once it has all. */
  #part(): void {
    const wire = this.#wire
    const isDone = this.#closing !== undefined && this.#replay.isAcknowledged
    if (!isDone || !this.#replay.isSent) return
    if (wire === undefined) return this.#finish()
    if (this.#sendingTo === wire || (this.#canResume && !this.#partsFirst)) return
    wire.close().catch(() => {}) // reading tells
  }

  #finish(): void {
    if (this.#end !== undefined) return
    this.#end = { isInOrder: true, reason: undefined }
    this.#silence.end()
    this.#up.close().catch(() => {}) // the session has ended by itself
    this.#closing?.resolve()
    this.#room?.resolve()
    this.onOver()
  }
}
