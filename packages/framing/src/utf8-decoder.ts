const lenient = new TextDecoder("utf-8", { ignoreBOM: true })
const strict = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true })

/**
 * Decodes UTF-8 chunk by chunk: one call of the platform's one-shot decoder per chunk, with at
 * most three bytes of a cut character held back, and exactly one leading BOM removed.
 *
 * The platform's streaming mode is slower for short chunks, and loses a U+FEFF that begins a later
 * chunk on one runtime and a second BOM on another.
 */
export class Utf8Decoder {
  readonly #fatal: boolean
  #held: Uint8Array | undefined
  #started = false
  #bomBytes = 0

  constructor(fatal: boolean) {
    this.#fatal = fatal
  }

  /** 3 once a leading BOM was removed, else 0. */
  get bomBytes(): number {
    return this.#bomBytes
  }

  /** How many bytes of a cut character are held back. */
  get heldBytes(): number {
    return this.#held === undefined ? 0 : this.#held.length
  }

  /** Decodes all but a character cut at the end. A fatal decoder throws and keeps what it held. */
  decode(chunk: Uint8Array): string {
    if (chunk.length === 0) return ""
    const bytes = this.#held === undefined ? chunk : join(this.#held, chunk)
    const cut = cutLength(bytes)
    if (cut === 0) {
      const text = this.#text(bytes)
      this.#held = undefined
      return text
    }
    const text = this.#text(bytes.subarray(0, bytes.length - cut))
    this.#held = bytes.slice(bytes.length - cut)
    return text
  }

  /** Decodes what is held back, as a character that will never be whole. */
  finish(): string {
    const held = this.release()
    return held === undefined ? "" : this.#text(held)
  }

  /** Takes the bytes that are held back out of the decoder. */
  release(): Uint8Array | undefined {
    const held = this.#held
    this.#held = undefined
    return held
  }

  /** Drops the bytes that are held back; what follows is not the start of the stream. */
  discard(): void {
    this.#held = undefined
    this.#started = true
  }

  #text(bytes: Uint8Array): string {
    if (bytes.length === 0) return ""
    const text = lenient.decode(bytes)
    // Where a platform's strict decoder is slow, it is up to four times slower. So it only judges
    // text that has a U+FFFD: was it replaced, or was it there?
    if (this.#fatal && text.includes("\ufffd")) strict.decode(bytes)
    if (this.#started) return text
    this.#started = true
    if (text.charCodeAt(0) !== 0xfeff) return text
    this.#bomBytes = 3
    return text.slice(1)
  }
}

/** Joins two pieces of bytes into a fresh one. */
export function join(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(head.length + tail.length)
  bytes.set(head)
  bytes.set(tail, head.length)
  return bytes
}

/** Counts the bytes at the end (0 to 3) that begin a character which is not whole yet. */
export function cutLength(bytes: Uint8Array): number {
  const end = bytes.length
  const last = bytes[end - 1] ?? 0
  if (last < 0x80) return 0
  if (last >= 0xc2) return last < 0xf5 ? 1 : 0
  const second = bytes[end - 2] ?? 0
  if (second >= 0xe0 && second < 0xf5) return mayFollow(second, last) ? 2 : 0
  if (second >= 0xc0 || second < 0x80) return 0
  const third = bytes[end - 3] ?? 0
  return third >= 0xf0 && third < 0xf5 && mayFollow(third, second) ? 3 : 0
}

/** Says whether a second byte is allowed after a lead byte (Unicode, table 3-7). */
function mayFollow(lead: number, second: number): boolean {
  if (second < 0x80 || second > 0xbf) return false
  if (lead === 0xe0) return second >= 0xa0
  if (lead === 0xed) return second < 0xa0
  if (lead === 0xf0) return second >= 0x90
  if (lead === 0xf4) return second < 0x90
  return true
}
