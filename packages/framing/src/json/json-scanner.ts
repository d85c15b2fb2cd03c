const QUOTE = 34
const COMMA = 44
const BACKSLASH = 92

/**
 * Follows the structure of JSON text that comes in pieces, without parsing it.
 *
 * It stops only outside strings, where no array or object is open: at a comma, a line feed, or a
 * bracket that closes more than was opened.
 */
export class JsonScanner {
  /** How many arrays and objects are open. */
  depth = 0
  /** The most that were open since the last reset. */
  deepest = 0
  #inString = false
  #escaped = false

  /** Whether no array, object or string is open. */
  get outside(): boolean {
    return this.depth === 0 && !this.#inString
  }

  /** Forgets what was open. */
  reset(): void {
    this.depth = 0
    this.deepest = 0
    this.#inString = false
    this.#escaped = false
  }

  /** Scans on from `at`; gives where it stops, or the text's length. */
  scan(text: string, at: number): number {
    if (this.#inString) at = this.#string(text, at)
    for (; at < text.length; at++) {
      const unit = text.charCodeAt(at)
      if (unit === QUOTE) at = this.#string(text, at + 1) - 1
      else if (unit === 91 || unit === 123) {
        this.depth += 1
        if (this.depth > this.deepest) this.deepest = this.depth
      } else if (unit === 93 || unit === 125) {
        if (this.depth === 0) return at
        this.depth -= 1
      } else if ((unit === COMMA || unit === 10) && this.depth === 0) return at
    }
    return text.length
  }

  /** Skips a string; gives the position after its quote, or the text's length. */
  #string(text: string, at: number): number {
    this.#inString = true
    for (; at < text.length; at++) {
      const unit = text.charCodeAt(at)
      if (this.#escaped) this.#escaped = false
      else if (unit === BACKSLASH) this.#escaped = true
      else if (unit === QUOTE) {
        this.#inString = false
        return at + 1
      }
    }
    return at
  }
}
