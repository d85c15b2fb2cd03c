import { type Channel, type Frame, MuxError } from "@bellmouth/mux"
import { equal, ok, rejection, same, settle } from "./assert.ts"
import { type HelloLimits, MuxEnd } from "./mux-end.ts"
import { type BytesVector, type FrameVector, toBytes, toFrame } from "./mux-frames.ts"

/** A step of a script; see the vectors' README. */
export interface Step {
  readonly in?: readonly FrameVector[]
  readonly out?: readonly FrameVector[]
  readonly quiet?: boolean
  readonly credit?: { readonly id: number; readonly atLeast: number; readonly atMost: number }
  readonly code?: number | { readonly id: number; readonly code: number }
  readonly app?: string
  readonly as?: string
  readonly on?: string
  readonly metadata?: BytesVector
  readonly body?: BytesVector
  readonly data?: BytesVector
  readonly gives?: BytesVector
  readonly resolves?: BytesVector
  readonly waits?: boolean
  readonly closed?: boolean
  readonly error?: number | string
  readonly text?: string
}

export interface Script {
  readonly name: string
  readonly hello: HelloLimits
  readonly peer: HelloLimits & { readonly late?: boolean }
  readonly steps: readonly Step[]
}

/** One channel of a script, with the locks that its steps share. */
interface Held {
  readonly channel: Channel
  readonly reader: ReadableStreamDefaultReader<Uint8Array>
  readonly writer: WritableStreamDefaultWriter<Uint8Array | readonly Uint8Array[]>
  waiting?: Promise<ReadableStreamReadResult<Uint8Array>>
}

interface Asked {
  readonly reply: Promise<Uint8Array>
  readonly controller: AbortController
}

const GIVEN_UP = new Error("Nobody waits")

/** Runs a script against a session of its own, with what comes whole or cut; throws at the step that does not hold. */
export async function runScript(script: Script, cut = false): Promise<void> {
  const run = new ScriptRun(script, cut)
  await run.start()
  for (const [at, step] of script.steps.entries()) {
    try {
      await run.step(step)
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new Error(`Step ${at} ${JSON.stringify(step).slice(0, 200)}: ${reason}`, { cause })
    }
  }
  await run.session.abort()
}

class ScriptRun {
  readonly #end: MuxEnd
  readonly #script: Script
  readonly #held = new Map<string, Held>()
  readonly #asked = new Map<string, Asked>()
  readonly #channels: ReadableStreamDefaultReader<Channel>
  readonly #messages: ReadableStreamDefaultReader<Uint8Array>

  constructor(script: Script, cut: boolean) {
    this.#script = script
    this.#end = new MuxEnd(script.hello, cut)
    this.#channels = this.session.channels.getReader()
    this.#messages = this.session.messages.getReader()
  }

  get session(): MuxEnd["session"] {
    return this.#end.session
  }

  async start(): Promise<void> {
    const [hello, ...rest] = await this.#end.sent()
    same(hello?.type, "hello", "type of the first frame")
    same(rest.length, 0, "number of frames behind HELLO")
    if (!this.#script.peer.late) this.#greet()
  }

  #greet(): void {
    const { late: _, ...hello } = this.#script.peer
    this.#end.pushFrames([{ type: "hello", hello }])
  }

  async step(step: Step): Promise<void> {
    if (step.in) return this.#end.pushFrames(step.in)
    if (step.out) return equal(await this.#end.sent(), step.out.map(toFrame), "list of frames sent")
    if (step.quiet) return equal(await this.#end.sent(), [], "list of frames sent")
    if (step.credit) return creditSent(await this.#end.sent(), step.credit)
    if (typeof step.code === "object") return codeSent(await this.#end.sent(), step.code)
    await this.#app(step)
  }

  async #app(step: Step): Promise<void> {
    const { session } = this
    const data = toBytes(step.data ?? "")
    const reason = (): MuxError => MuxError.fromWire(Number(step.code), step.text ?? "")
    switch (step.app) {
      case "greet":
        return this.#greet()
      case "open":
        return this.#hold(step, session.open(toBytes(step.metadata ?? "")))
      case "accept":
        return this.#accept(step)
      case "write":
        return this.#write(step, data)
      case "end":
        return ignore(this.#on(step).writer.close())
      case "abort":
        return ignore(this.#on(step).writer.abort(reason()))
      case "cancel":
        return ignore(this.#on(step).reader.cancel(reason()))
      case "read":
        return this.#read(step, this.#on(step))
      case "finished":
        return settled(this.#on(step).channel.finished)
      case "request":
        return this.#request(step)
      case "reply":
        return this.#reply(step)
      case "give up":
        return this.#asked.get(step.on ?? "")?.controller.abort(GIVEN_UP)
      case "handle":
        return session.handle((body) => body)
      case "send":
        return ignore(session.send(data))
      case "message":
        return equal((await soon(this.#messages.read())).value, toBytes(step.gives ?? ""))
      case "close":
        return ignore(session.close())
      case "closed":
        return soon(session.closed)
      case "failed":
        return ok((await rejection(soon(session.closed))) instanceof MuxError, "It has not failed")
      case "lose":
        return this.#end.lose()
      default:
        throw new Error(`There is no step ${step.app}`)
    }
  }

  #hold({ as = "" }: Step, channel: Channel): void {
    const reader = channel.readable.getReader()
    const writer = channel.writable.getWriter()
    for (const each of [reader.closed, writer.closed, writer.ready]) each.catch(() => {})
    this.#held.set(as, { channel, reader, writer })
  }

  #on({ on = "" }: Step): Held {
    const held = this.#held.get(on)
    if (held === undefined) throw new Error(`The script has no channel ${on}`)
    return held
  }

  async #accept(step: Step): Promise<void> {
    const { value } = await soon(this.#channels.read())
    if (value === undefined) throw new Error("There are no more channels")
    equal(value.metadata.slice(), toBytes(step.metadata ?? ""), "metadata")
    this.#hold(step, value)
  }

  async #write(step: Step, data: Uint8Array): Promise<void> {
    const written = this.#on(step).writer.write(data)
    if (step.error === undefined) return ignore(written)
    same(wireCodeOf(await rejection(soon(written))), step.error, "code of the write's error")
  }

  async #read(step: Step, held: Held): Promise<void> {
    const read = held.waiting ?? held.reader.read()
    if (step.waits) {
      held.waiting = read
      return settle()
    }
    delete held.waiting
    if (step.error !== undefined) {
      same(wireCodeOf(await rejection(soon(read))), step.error, "code of the read's error")
      return
    }
    const { done, value } = await soon(read)
    same(done, step.closed ?? false, "end of the readable")
    if (!done) equal(value.slice(), toBytes(step.gives ?? step.resolves ?? ""), "item")
  }

  #request({ as = "", body = "" }: Step): void {
    const controller = new AbortController()
    const reply = this.session.request(toBytes(body), { signal: controller.signal })
    ignore(reply)
    this.#asked.set(as, { reply, controller })
  }

  async #reply({ on = "", gives = "", error }: Step): Promise<void> {
    const reply = soon(this.#asked.get(on)?.reply ?? Promise.reject(new Error(`No request ${on}`)))
    if (error === undefined) return equal((await reply).slice(), toBytes(gives), "reply")
    const reason = await rejection(reply)
    if (error === "aborted") same(reason, GIVEN_UP, "reason")
    else same(wireCodeOf(reason), error, "code of the reply's error")
  }
}

function creditSent(frames: readonly Frame[], wanted: NonNullable<Step["credit"]>): void {
  let sum = 0
  for (const frame of frames) {
    if (frame.type !== "credit" || frame.id !== wanted.id) throw new Error(`Sent a ${frame.type}`)
    sum += frame.credit
  }
  ok(sum >= wanted.atLeast && sum <= wanted.atMost, `The credit is ${sum}`)
}

function codeSent(frames: readonly Frame[], wanted: { id: number; code: number }): void {
  const abort = frames.find((frame) => frame.type === "abort")
  equal({ id: abort?.id, code: abort?.code }, wanted, "channel and code of ABORT")
}

function wireCodeOf(error: unknown): unknown {
  return error instanceof MuxError ? error.wireCode : error
}

/** What must have happened by now: a script has no time of its own. */
async function soon<T>(promise: Promise<T>): Promise<T> {
  const late = settle().then(() => {
    throw new Error("It is still waiting")
  })
  return Promise.race([promise, late])
}

/** Either end will do: a channel is over when both directions have ended, whatever ended them. */
async function settled(promise: Promise<unknown>): Promise<void> {
  await soon(Promise.allSettled([promise]))
}

/** Its outcome is seen on the wire, or by a later step. */
function ignore(promise: Promise<unknown>): void {
  promise.catch(() => {})
}
