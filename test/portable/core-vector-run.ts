import { compose, type SyncTransformer, stage } from "@bellmouth/core"
import { equal, ok } from "./assert.ts"
import { vectorStages } from "./core-vector-stages.ts"

type Observer = "reader" | "watcher" | "source" | "sink" | "pipe" | "stages"

type Action =
  | "wait"
  | "read"
  | "readAll"
  | "close"
  | { readonly write: unknown }
  | { readonly cancel: unknown }
  | { readonly abort: unknown }
  | { readonly pipeTo: { readonly failAt?: number; readonly reason?: unknown } }
  | { readonly sourceErrors: unknown }

interface Step {
  readonly do: Action
  readonly see: Readonly<Partial<Record<Observer, readonly unknown[]>>>
  readonly takenAtMost?: number
  readonly callsAtMost?: readonly number[]
}

/** One vector of `test/vectors/streams`. */
export interface StreamVector {
  readonly id: string
  readonly rule: string
  readonly transform: readonly string[]
  readonly source?: readonly unknown[]
  readonly ends?: "close" | "idle"
  readonly steps: readonly Step[]
  readonly finally?: { readonly writes?: readonly unknown[]; readonly close?: unknown }
}

// every step of a vector is over within a few dozen microtasks, in every runtime
const TURNS = 400

/** Plays a vector, and fails at the first step that shows something else. */
export async function playVector(vector: StreamVector): Promise<void> {
  const play = new Play(vector)
  for (const [index, step] of vector.steps.entries()) {
    play.seen.clear()
    play.act(step.do)
    for (let turn = 0; turn < TURNS; turn++) await Promise.resolve()
    play.compare(step, `${vector.id}, step ${index + 1}`)
  }
  const { writes = [], close } = vector.finally ?? {}
  equal(play.writes, writes, `fate of the writes of ${vector.id}`)
  equal(play.closed, close, `fate of the close of ${vector.id}`)
}

class Play {
  readonly seen = new Map<Observer, unknown[]>()
  readonly writes: unknown[] = []
  closed: unknown
  #taken = 0
  readonly #calls: number[]
  readonly #readable: ReadableStream<unknown>
  #source: ReadableStreamDefaultController<unknown> | undefined
  #writer: WritableStreamDefaultWriter<unknown> | undefined
  #reader: ReadableStreamDefaultReader<unknown> | undefined

  constructor(vector: StreamVector) {
    this.#calls = vector.transform.map(() => 0)
    const stages = vector.transform.map((name, index) => stage(this.#watched(name, index)))
    const [first, ...rest] = stages
    if (first === undefined) throw new TypeError(`Vector ${vector.id} has no transform`)
    const chain = compose(first, ...rest)
    if (vector.source === undefined) {
      this.#writer = chain.writable.getWriter()
      this.#readable = chain.readable
    } else {
      this.#readable = this.#scripted(vector.source, vector.ends ?? "close").pipeThrough(chain)
    }
    const piped = vector.steps.some(
      ({ do: action }) => typeof action === "object" && "pipeTo" in action,
    )
    if (!piped) this.#watch(this.#readable.getReader())
  }

  act(action: Action): void {
    if (action === "wait") return
    if (action === "read") this.#read(false)
    else if (action === "readAll") this.#read(true)
    else if (action === "close") this.#close()
    else if ("write" in action) this.#write(action.write)
    else if ("cancel" in action) this.#reader?.cancel(action.cancel).catch(unexpected)
    else if ("abort" in action) this.#writer?.abort(action.abort).catch(unexpected)
    else if ("sourceErrors" in action) this.#source?.error(action.sourceErrors)
    else if ("pipeTo" in action) this.#pipeTo(action.pipeTo)
    else action satisfies never
  }

  compare(step: Step, where: string): void {
    const observers: readonly Observer[] = ["reader", "watcher", "source", "sink", "pipe", "stages"]
    for (const observer of observers) {
      const expected = step.see[observer] ?? []
      const seen = this.seen.get(observer) ?? []
      // a wildcard stands for any reason
      const shown = seen.map((each, index) => (isAny(expected[index]) ? expected[index] : each))
      equal(shown, expected, `${observer}'s view in ${where}`)
    }
    const { takenAtMost = Number.POSITIVE_INFINITY, callsAtMost = [] } = step
    ok(this.#taken <= takenAtMost, `${this.#taken} chunks taken in ${where}`)
    for (const [index, most] of callsAtMost.entries()) {
      const calls = this.#calls[index] ?? 0
      ok(calls <= most, `${calls} calls of stage ${index + 1} in ${where}`)
    }
  }

  #see(observer: Observer, event: unknown): void {
    const events = this.seen.get(observer) ?? []
    events.push(event)
    this.seen.set(observer, events)
  }

  #watched(name: string, index: number): SyncTransformer<unknown, unknown> {
    const make = vectorStages[name]
    if (make === undefined) throw new TypeError(`No transform is named ${name}`)
    const transformer = make()
    return {
      ...transformer,
      transform: (chunk, output) => {
        this.#calls[index] = (this.#calls[index] ?? 0) + 1
        transformer.transform?.(chunk, output)
      },
      cancel: (reason) => this.#see("stages", { cancel: reason }),
    }
  }

  #scripted(chunks: readonly unknown[], ends: "close" | "idle"): ReadableStream<unknown> {
    const rest = [...chunks]
    const endIfOver = (controller: ReadableStreamDefaultController<unknown>): void => {
      if (rest.length === 0 && ends === "close") controller.close()
    }
    return new ReadableStream<unknown>(
      {
        start: (controller) => {
          this.#source = controller
          endIfOver(controller)
        },
        pull: (controller) => {
          if (rest.length === 0) return
          this.#taken++
          controller.enqueue(rest.shift())
          endIfOver(controller)
        },
        cancel: (reason) => this.#see("source", { cancel: reason }),
      },
      { highWaterMark: 0 },
    )
  }

  #watch(reader: ReadableStreamDefaultReader<unknown>): void {
    this.#reader = reader
    reader.closed.then(
      () => this.#see("watcher", "closed"),
      (reason: unknown) => this.#see("watcher", { errored: reason }),
    )
  }

  #read(again: boolean): void {
    this.#reader?.read().then(
      ({ done, value }) => {
        this.#see("reader", done ? "end" : { chunk: value })
        if (again && !done) this.#read(true)
      },
      (reason: unknown) => this.#see("reader", { error: reason }),
    )
  }

  #write(chunk: unknown): void {
    const index = this.writes.push("waiting") - 1
    this.#writer?.write(chunk).then(
      () => {
        this.writes[index] = "accepted"
      },
      (reason: unknown) => {
        this.writes[index] = { refused: reason }
      },
    )
  }

  #close(): void {
    this.closed = "waiting"
    this.#writer?.close().then(
      () => {
        this.closed = "accepted"
      },
      (reason: unknown) => {
        this.closed = { refused: reason }
      },
    )
  }

  #pipeTo({ failAt, reason }: { readonly failAt?: number; readonly reason?: unknown }): void {
    let written = 0
    const sink = new WritableStream<unknown>({
      write: (chunk) => {
        this.#see("sink", { chunk })
        if (++written === failAt) throw reason
      },
      close: () => this.#see("sink", "close"),
      abort: (why) => this.#see("sink", { abort: why }),
    })
    this.#readable.pipeTo(sink).then(
      () => this.#see("pipe", "fulfilled"),
      (why: unknown) => this.#see("pipe", { rejected: why }),
    )
  }
}

function isAny(expected: unknown): boolean {
  return JSON.stringify(expected) === '{"cancel":"*"}'
}

function unexpected(reason: unknown): void {
  throw reason
}
