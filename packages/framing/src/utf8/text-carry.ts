/** So many fragments are joined into one block, so that a long text does not keep small ones. */
const BLOCK_FRAGMENTS = 512

/** Text that is not finished: fragments, joined twice at most, so that its cost is linear. */
export class TextCarry {
  #first = ""
  #fragments: string[] = []
  #blocks: string[] = []

  add(text: string): void {
    if (this.#first === "") this.#first = text
    else {
      this.#fragments.push(text)
      if (this.#fragments.length === BLOCK_FRAGMENTS) {
        this.#blocks.push(this.#fragments.join(""))
        this.#fragments = []
      }
    }
  }

  /** Gives what was carried, followed by `text`, and begins anew. */
  take(text: string): string {
    if (this.#first === "") return text
    let joined = this.#first
    this.#first = ""
    if (this.#fragments.length === 0 && this.#blocks.length === 0) return joined + text
    joined += this.#blocks.join("") + this.#fragments.join("") + text
    this.#fragments = []
    this.#blocks = []
    return joined
  }
}
