/** One stream of a connection, seen from its writer. */
export interface Lane {
  /** Takes a chunk; what it returns settles when the next one may be written. */
  write(chunk: Uint8Array): PromiseLike<unknown> | undefined
}

/** Two connected ends of something that carries streams, in one process. */
export interface Subject {
  readonly name: string
  /** What stops a writer whose reader has stopped. */
  readonly backpressure: "each stream" | "the connection" | "nothing"
  /** Whether what is written in one piece is read in one piece. */
  readonly keepsItems: boolean
  /** Opens a stream whose reader, at the far end, tells `arrived` of the bytes of each chunk. */
  open(arrived: (bytes: number) => void): Promise<Lane>
  readonly request?: (body: Uint8Array) => PromiseLike<unknown>
  close(): void
}

/** Connects both ends; or why that can not be done. */
export type OpenSubject = () => Promise<Subject | string>

/** One stream that is fed and read, over and over. */
export class Flow {
  readonly #lane: Promise<Lane>
  #seen = 0
  #wanted = 0
  #done: (() => void) | undefined

  constructor(subject: Subject) {
    this.#lane = subject.open((bytes) => {
      this.#seen += bytes
      if (this.#seen >= this.#wanted) this.#done?.()
    })
  }

  /** The bytes that have come through since the beginning. */
  get seen(): number {
    return this.#seen
  }

  /** Sends a chunk `count` times; settles when all of it has been read. */
  async transfer(chunk: Uint8Array, count: number): Promise<number> {
    const lane = await this.#lane
    const before = this.#wanted
    this.#wanted += chunk.length * count
    const done = new Promise<void>((resolve) => {
      this.#done = resolve
    })
    for (let sent = 0; sent < count; sent++) {
      const room = lane.write(chunk)
      if (room !== undefined) await room
    }
    if (this.#seen < this.#wanted) await done
    return Math.floor((this.#seen - before) / chunk.length)
  }

  /** Sends a chunk again and again, until told to stop. */
  async run(chunk: Uint8Array, isOver: () => boolean): Promise<void> {
    const lane = await this.#lane
    for (let sent = 0; !isOver(); sent++) {
      this.#wanted += chunk.length
      const room = lane.write(chunk)
      if (room !== undefined) await room
      // Whoever gives nothing to wait for must not starve the rest.
      else if (sent % 64 === 63) await new Promise((resolve) => setImmediate(resolve))
    }
  }
}
