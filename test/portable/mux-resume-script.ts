import { duplexPair } from "@bellmouth/core"
import { connect, type Frame, type Session } from "@bellmouth/mux"
import { ResumeAcceptor } from "@bellmouth/mux/resume"
import { equal, ok, same, settle } from "./assert.ts"
import { decodeFrames, encodeFrames, type FrameVector, toBytes, toFrame } from "./mux-frames.ts"

/** A step of a script; see the vectors' README. */
export interface ResumeStep {
  readonly connect?: string
  readonly hello?: object
  readonly greeted?: string
  readonly session?: string
  readonly seen?: number
  readonly refused?: string
  readonly on?: string
  readonly in?: readonly FrameVector[]
  readonly hex?: string
  readonly out?: readonly FrameVector[]
  readonly lose?: string
  readonly ended?: string
  readonly handled?: number
}

export interface ResumeScript {
  readonly name: string
  readonly steps: readonly ResumeStep[]
}

/** One transport, with the script at its other end. */
class ScriptedTransport {
  isOver = false
  /** The session that it asks for. */
  readonly session: unknown
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #came: Uint8Array[] = []
  #frames: Frame[] = []

  constructor(there: ReadableWritablePair<Uint8Array, Uint8Array>, session: unknown) {
    this.session = session
    this.#writer = there.writable.getWriter()
    this.#reader = there.readable.getReader()
    this.#writer.closed.catch(() => {}) // what comes tells
    void this.#collect()
  }

  async #collect(): Promise<void> {
    try {
      for (let next = await this.#reader.read(); !next.done; next = await this.#reader.read()) {
        this.#came.push(next.value.slice())
      }
    } catch {
      // It was broken off: that is an end as well.
    }
    this.isOver = true
  }

  push(bytes: Uint8Array): void {
    this.#writer.write(bytes).catch(() => {}) // as above
  }

  lose(): void {
    const reason = new Error("The transport is lost")
    this.#writer.abort(reason).catch(() => {})
    this.#reader.cancel(reason).catch(() => {})
  }

  /** The first frame that has come. */
  async hello(): Promise<Frame | undefined> {
    await this.#look()
    return this.#frames.shift()
  }

  /** What else has come since the last look. */
  async sent(): Promise<Frame[]> {
    await this.#look()
    return this.#frames.splice(0)
  }

  async #look(): Promise<void> {
    await settle()
    const frames = decodeFrames(this.#came.splice(0))
    // What is not numbered comes when, and as often as, the session likes.
    this.#frames.push(...frames.filter(({ type }) => type !== "ack" && type !== "ping"))
  }
}

/** Runs a script against sessions that are resumed; throws at the step that does not hold. */
export async function runResumeScript({ steps }: ResumeScript): Promise<void> {
  const run = new ResumeRun()
  try {
    for (const [at, step] of steps.entries()) {
      await run.step(step).catch((cause: unknown) => {
        const reason = cause instanceof Error ? cause.message : String(cause)
        throw new Error(`Step ${at} ${JSON.stringify(step)}: ${reason}`, { cause })
      })
    }
  } finally {
    await run.end()
  }
}

class ResumeRun {
  readonly #acceptor = new ResumeAcceptor()
  readonly #transports = new Map<string, ScriptedTransport>()
  readonly #sessions: Session[] = []
  #handled = 0

  async step(step: ResumeStep): Promise<void> {
    if (step.connect !== undefined) return this.#connect(step.connect, step.hello ?? {})
    if (step.lose !== undefined) {
      this.#find(step.lose).lose()
      return settle()
    }
    if (step.handled !== undefined) {
      return same(this.#handled, step.handled, "number of requests that were handled")
    }
    if (step.ended !== undefined) {
      await settle()
      return ok(this.#find(step.ended).isOver, "The transport has not ended")
    }
    const transport = this.#find(step.greeted ?? step.refused ?? step.on)
    if (step.hex !== undefined) return transport.push(toBytes(step.hex))
    if (step.in !== undefined) return transport.push(encodeFrames(step.in))
    if (step.out !== undefined) {
      return equal(await transport.sent(), step.out.map(toFrame), "list of frames sent")
    }
    const hello = await transport.hello()
    if (hello?.type !== "hello") throw new Error(`The first frame is ${hello?.type}, not HELLO`)
    const said: ResumeStep = JSON.parse(new TextDecoder().decode(hello.payload))
    same(said.seen, step.seen, "number of frames seen")
    if (step.refused === undefined) return same(said.session, step.session, "session")
    ok(said.session !== undefined && said.session !== transport.session, "The session goes on")
    ok(transport.isOver, "The transport of a session that does not go on has not ended")
  }

  #connect(name: string, hello: object): void {
    const [here, there] = duplexPair<Uint8Array>()
    const transport = new ScriptedTransport(there, Reflect.get(hello, "session"))
    this.#transports.set(name, transport)
    const accepting = this.#acceptor.accept(here).then((accepted) => {
      if (accepted === undefined) return
      const session = connect(accepted, { closeTimeoutMs: 0 })
      this.#sessions.push(session)
      session.handle((body) => {
        this.#handled++
        return body
      })
    })
    accepting.catch(() => {}) // what is sent tells
    transport.push(encodeFrames([{ type: "hello", hello }]))
  }

  #find(name = ""): ScriptedTransport {
    const transport = this.#transports.get(name)
    if (transport === undefined) throw new Error(`The script has no transport ${name}`)
    return transport
  }

  async end(): Promise<void> {
    await Promise.all(this.#sessions.map((session) => session.abort()))
  }
}
