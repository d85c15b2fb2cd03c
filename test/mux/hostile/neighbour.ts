import { setImmediate as nextTurn } from "node:timers/promises"
import type { Session } from "@bellmouth/mux"
import { cpuMs } from "./cpu-time.ts"
import type { Mux } from "./import-mux.ts"
import { makeVictim, type VictimOver } from "./victim.ts"

const SIZE = 300
/** Replies that do not come while this process works for so long are a fault. */
const PATIENCE_MS = 5000

/** An honest session in the same process: it asks, one request after the other, until it is stopped. */
export class Neighbour {
  /** Replies that came, each with the right bytes. */
  answered = 0
  /** The longest wait for one, as this process's own work. */
  longestMs = 0
  /** What was wrong. */
  readonly faults: string[] = []
  readonly #sessions: readonly Session[]
  #isStopped = false
  readonly #asking: Promise<void>

  private constructor(client: Session, server: Session) {
    this.#sessions = [client, server]
    this.#asking = this.#ask(client).catch((error: unknown) => {
      this.faults.push(`the neighbour failed: ${error}`)
    })
  }

  static async beside(mux: Mux, over: VictimOver): Promise<Neighbour> {
    const victim = await makeVictim(mux, over, {})
    victim.session.handle((body) => body.map((byte) => 255 - byte))
    const client = new mux.Session()
    const writer = client.writable.getWriter()
    victim.read((bytes) => {
      writer.write(bytes.slice()).catch(() => {}) // its requests tell
    })
    void client.readable
      .pipeTo(new WritableStream({ write: (bytes) => victim.write(bytes) }))
      .catch(() => {}) // as above
    const neighbour = new Neighbour(client, victim.session)
    await neighbour.answers(1)
    return neighbour
  }

  /** Waits for some more replies: time passes for everybody else meanwhile. */
  async answers(more: number): Promise<void> {
    const wanted = this.answered + more
    const end = cpuMs() + PATIENCE_MS
    while (this.answered < wanted && this.faults.length === 0) {
      await nextTurn()
      if (cpuMs() > end) this.faults.push(`no reply came in ${PATIENCE_MS} ms`)
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#asking
    await Promise.all(this.#sessions.map((session) => session.abort()))
  }

  async #ask(client: Session): Promise<void> {
    for (let n = 0; !this.#isStopped; n++) {
      const body = new Uint8Array(1 + (n % SIZE)).fill(n % 256)
      const began = cpuMs()
      const reply = await client.request(body)
      this.longestMs = Math.max(this.longestMs, cpuMs() - began)
      const isRight = reply.length === 1 + (n % SIZE) && reply.every((b) => b === 255 - (n % 256))
      if (!isRight) throw new Error(`reply ${n} has other bytes`)
      this.answered++
      await nextTurn()
    }
  }
}
