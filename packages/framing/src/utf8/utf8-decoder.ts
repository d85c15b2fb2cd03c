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
    const end = bytes.length - cut
    const text = this.#text(bytes.subarray(0, end))
    // A copy also of a Buffer, whose `slice()` is a view.
    this.#held = new Uint8Array(bytes.subarray(end))
    return text
  }

  /** Takes the bytes that are held back out of the decoder. */
  release(): Uint8Array | undefined {
    const held = this.#held
    this.#held = undefined
    return held
  }

  #text(bytes: Uint8Array): string {
    if (bytes.length === 0) return ""
    const text = lenient.decode(bytes)
    // Where a platform's strict decoder is slow, it is up to four times slower. So it only judges
    // text that has a U+FFFD: was it replaced, or was it there?
    if (this.#fatal && text.indexOf("\ufffd") !== -1) strict.decode(bytes)
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

/** The least lead byte of a character that takes more than one, two or three bytes. */
const LEADS = [0xc2, 0xe0, 0xf0]

/** Counts the bytes at the end (0 to 3) that begin a character which is not whole yet. */
export function cutLength(bytes: Uint8Array): number {
  for (let length = 1; length < 4; length++) {
    const at = bytes.length - length
    const byte = bytes[at] ?? 0
    if (byte < 0x80) return 0
    // Such a start is replaced by one U+FFFD; what can never become a character, by several.
    if (byte >= 0xc0)
      return byte >= (LEADS[length - 1] ?? 0) &&
        byte < 0xf5 &&
        lenient.decode(bytes.subarray(at)).length === 1
        ? length
        : 0
  }
  return 0
}
