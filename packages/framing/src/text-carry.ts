/** Text that is not finished: fragments, joined once, so that its cost is linear. */
export class TextCarry {
  #first = ""
  #fragments: string[] | undefined

  get empty(): boolean {
    return this.#first === ""
  }

  add(text: string): void {
    if (this.#first === "") this.#first = text
    else if (this.#fragments === undefined) this.#fragments = [this.#first, text]
    else this.#fragments.push(text)
  }

  /** Gives what was carried, followed by `text`, and begins anew. */
  take(text: string): string {
    if (this.#first === "") return text
    const fragments = this.#fragments
    const joined = fragments === undefined ? this.#first + text : fragments.join("") + text
    this.#first = ""
    this.#fragments = undefined
    return joined
  }
}
