/** What a {@link ScriptedSink} does with the chunks it is given. */
export interface ScriptedSinkOptions {
  /** Holds every write until `release()`. Default false. */
  readonly held?: boolean
  /** Fails the write of the chunk with this index, with this reason. */
  readonly failAt?: { readonly index: number; readonly reason: unknown }
}

/** An underlying sink that does what it was told, and counts. Its highWaterMark is 1. */
export class ScriptedSink<O> {
  readonly writable: WritableStream<O>
  /** The chunks whose write was begun, in order. */
  readonly chunks: O[] = []
  closes = 0
  /** Every reason that its `abort` was called with. */
  readonly aborts: unknown[] = []
  #release: (() => void) | undefined

  constructor(options: ScriptedSinkOptions, note: (event: string) => void) {
    this.writable = new WritableStream<O>({
      write: async (chunk) => {
        const index = this.chunks.length
        this.chunks.push(chunk)
        note(`sink is given chunk ${index + 1}`)
        if (options.failAt?.index === index) throw options.failAt.reason
        if (!options.held) return
        await new Promise<void>((resolve) => {
          this.#release = resolve
        })
      },
      close: () => {
        this.closes++
        note("sink is closed")
      },
      abort: (reason) => {
        this.aborts.push(reason)
        note("sink is aborted")
      },
    })
  }

  /** Lets the write that is held finish; says whether there was one. */
  release(): boolean {
    const release = this.#release
    this.#release = undefined
    release?.()
    return release !== undefined
  }
}
