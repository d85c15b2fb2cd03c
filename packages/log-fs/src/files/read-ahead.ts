import type { LayerFile } from "./file-layer.ts"
import { readAll } from "./write-all.ts"

/** How much is read at a time. */
const CHUNK_BYTES = 1_048_576
/** Room before what was read, for the begin of a frame that the chunk before ended with, */
const HEADROOM_BYTES = 32_768
/** or of the largest one that a commit of many chunks makes, in a buffer that is used again. */
const LENT_HEADROOM_BYTES = 1_048_576

/** A chunk that was read; its bytes begin after the headroom. */
interface Chunk {
  readonly buffer: Uint8Array
  readonly headroom: number
  readonly byteLength: number
}

interface Ahead {
  readonly position: number
  readonly byteLength: number
  readonly result: Promise<Chunk | { readonly error: unknown }>
}

/**
 * Reads a file forward, one chunk ahead of its caller once that has proved to go on, so that the
 * next chunk is read while this one is checked.
 */
export class ReadAhead {
  readonly #file: LayerFile
  /** The two buffers that a lending reader fills in turn: one is lent, the other read ahead. */
  readonly #lent: Uint8Array[] | undefined
  #ahead: Ahead | undefined
  #last = -1

  constructor(file: LayerFile, lent: Uint8Array[] | undefined) {
    this.#file = file
    this.#lent = lent
  }

  /**
   * Gives `rest`, the bytes before `position`, and the bytes that follow: a chunk of them, or as
   * many as make `needed` bytes, but none from `end` on. The result belongs to the caller, or is
   * lent until the next read.
   */
  async read(rest: Uint8Array, position: number, needed: number, end: number): Promise<Uint8Array> {
    const least = Math.min(needed - rest.length, end - position)
    const most = Math.min(Math.max(CHUNK_BYTES, least), end - position)
    const chunk = (await this.#take(position, least)) ?? (await this.#fetch(position, most))
    const next = position + chunk.byteLength
    if (this.#last === position && next < end) {
      this.#start(next, Math.min(CHUNK_BYTES, end - next))
    }
    this.#last = next
    return join(rest, chunk)
  }

  /** Settles when nothing is being read any more. */
  async idle(): Promise<void> {
    await this.#ahead?.result
    this.#ahead = undefined
  }

  async #take(position: number, least: number): Promise<Chunk | undefined> {
    const ahead = this.#ahead
    if (ahead === undefined) return undefined
    this.#ahead = undefined
    const result = await ahead.result
    if ("error" in result) throw result.error
    return ahead.position === position && result.byteLength >= least ? result : undefined
  }

  #start(position: number, byteLength: number): void {
    // Kept as a value, so that nobody has to be there when it fails.
    const result = this.#fetch(position, byteLength).catch((error: unknown) => ({ error }))
    this.#ahead = { position, byteLength, result }
  }

  async #fetch(position: number, byteLength: number): Promise<Chunk> {
    const headroom = this.#lent === undefined ? HEADROOM_BYTES : LENT_HEADROOM_BYTES
    const buffer = this.#buffer(headroom, byteLength)
    const into = buffer.subarray(headroom, headroom + byteLength)
    return { buffer, headroom, byteLength: await readAll(this.#file, into, position) }
  }

  #buffer(headroom: number, byteLength: number): Uint8Array {
    if (this.#lent === undefined || byteLength > CHUNK_BYTES) return allocate(headroom + byteLength)
    const kept = this.#lent.length < 2 ? undefined : this.#lent.shift()
    const next = kept ?? allocate(headroom + CHUNK_BYTES)
    this.#lent.push(next)
    return next
  }
}

function allocate(byteLength: number): Uint8Array {
  // Filling a chunk with zeros first would take as long as its checksum.
  return new Uint8Array(Buffer.allocUnsafeSlow(byteLength).buffer)
}

function join(rest: Uint8Array, { buffer, headroom, byteLength }: Chunk): Uint8Array {
  const begin = headroom - rest.length
  const end = headroom + byteLength
  if (begin >= 0) {
    buffer.set(rest, begin)
    return buffer.subarray(begin, end)
  }
  const joined = new Uint8Array(rest.length + byteLength)
  joined.set(rest)
  joined.set(buffer.subarray(headroom, end), rest.length)
  return joined
}
