import type { SseEvent } from "@bellmouth/framing"
import type { Job } from "../harness/measure.ts"
import { foreign, iterate, passesOf } from "./corpus.ts"

/** What one chunk completes. */
type Take = (chunk: Uint8Array) => readonly SseEvent[]

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true })

/**
 * What no decoder can beat that the platform pipes into and `for await` reads: the events are
 * there before the chunks come.
 */
export function prepared(chunks: readonly Uint8Array[], events: number): Job {
  const all = eventsOf(chunks)
  return throughPair(chunks, events, (chunk) => all.get(chunk) ?? [])
}

/** The same, with one call of the platform's decoder a chunk, and one slice an event. */
export function decodedAndSliced(chunks: readonly Uint8Array[], events: number): Job {
  const all = eventsOf(chunks)
  return throughPair(chunks, events, (chunk) => {
    const text = utf8.decode(chunk)
    let at = 0
    const made: SseEvent[] = []
    // Not what is in the events, but as much of it: nothing is looked for.
    for (const { data } of all.get(chunk) ?? []) {
      made.push({ type: "message", data: text.slice(at, at + data.length), lastEventId: "" })
      at += data.length
    }
    return made
  })
}

/** The events that each chunk completes; every one is a line of data. */
function eventsOf(chunks: readonly Uint8Array[]): ReadonlyMap<Uint8Array, readonly SseEvent[]> {
  let held = ""
  const taken = chunks.map((chunk): [Uint8Array, SseEvent[]] => {
    const parts = (held + utf8.decode(chunk)).split("\n\n")
    held = parts.pop() ?? ""
    const data = parts.map((part) => part.slice("data: ".length))
    return [chunk, data.map((each) => ({ type: "message", data: each, lastEventId: "" }))]
  })
  return new Map(taken)
}

/** A pair that does as little as one may: it takes a chunk when the events before it were read. */
function throughPair(chunks: readonly Uint8Array[], events: number, take: Take): Job {
  return async (passes) => {
    const handed = new Handed()
    const readable = new HandedReadable(handed)
    const writable = new WritableStream<Uint8Array>({
      write: (chunk) => handed.whenRead(() => handed.give(take(chunk))),
      close: () => handed.whenRead(() => handed.end()),
    })
    const piped = foreign(chunks, passes).pipeThrough({ readable, writable })
    return passesOf(await iterate(piped, () => 1), events)
  }
}

type Result = IteratorResult<SseEvent, undefined>

/** Hands out what it was given, straight from an array. */
class Handed implements AsyncIterator<SseEvent, undefined> {
  #events: readonly SseEvent[] = []
  #at = 0
  #isOver = false
  #reader: ((result: Result) => void) | undefined
  #onRead: (() => void) | undefined

  next(): Promise<Result> {
    const value = this.#events[this.#at++]
    if (value !== undefined) return Promise.resolve({ value, done: false })
    if (this.#isOver) return Promise.resolve({ value: undefined, done: true })
    return new Promise((resolve) => {
      this.#reader = resolve
      const onRead = this.#onRead
      this.#onRead = undefined
      onRead?.()
    })
  }

  async return(): Promise<Result> {
    return { value: undefined, done: true }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  /** Calls `act` once somebody waits; the promise settles then. */
  whenRead(act: () => void): Promise<void> | undefined {
    if (this.#reader !== undefined) {
      act()
      return undefined
    }
    return new Promise((resolve) => {
      this.#onRead = () => {
        act()
        resolve()
      }
    })
  }

  give(events: readonly SseEvent[]): void {
    this.#events = events
    this.#at = 1
    const [value] = events
    if (value !== undefined) this.#answer({ value, done: false })
  }

  end(): void {
    this.#isOver = true
    this.#answer({ value: undefined, done: true })
  }

  #answer(result: Result): void {
    const reader = this.#reader
    this.#reader = undefined
    reader?.(result)
  }
}

class HandedReadable extends ReadableStream<SseEvent> {
  readonly #handed: Handed

  constructor(handed: Handed) {
    super()
    this.#handed = handed
  }

  override values(): Handed {
    return this.#handed
  }

  override [Symbol.asyncIterator](): Handed {
    return this.#handed
  }
}
