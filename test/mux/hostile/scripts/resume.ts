import { concatBytes, duplexPair } from "@bellmouth/core"
import { encodeFrame, type Frame, FrameDecoder, type Session } from "@bellmouth/mux"
import type { ResumeAcceptor } from "@bellmouth/mux/resume"
import { open, request } from "../frames.ts"
import type { Scene, Script } from "../script.ts"

const MOST = 0x7fff_ffff

/** A peer that speaks to an acceptor of sessions that may be resumed. */
class Visitor {
  readonly came: Frame[] = []
  isOver = false
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  /** The session that was begun; undefined when none was. Rejects when it was refused. */
  readonly session: Promise<Session | undefined>

  constructor({ mux, clock }: Scene, acceptor: ResumeAcceptor, owner = "") {
    const [here, there] = duplexPair<Uint8Array>()
    this.session = acceptor.accept(there, { owner }).then((accepted) => {
      return accepted && mux.connect(accepted, { clock, helloTimeoutMs: 1_000_000 })
    })
    this.session.catch(() => {}) // whoever looks is told
    this.#writer = here.writable.getWriter()
    this.#writer.closed.catch(() => {}) // what comes tells
    this.#reader = here.readable.getReader()
    void this.#read()
  }

  async #read(): Promise<void> {
    const decoder = new FrameDecoder()
    try {
      for (let next = await this.#reader.read(); !next.done; next = await this.#reader.read()) {
        decoder.push(next.value, (frame) => this.came.push(frame))
      }
    } catch {
      // It was broken off: that is an end as well.
    }
    this.isOver = true
  }

  greet(hello: object): void {
    this.send({ type: "hello", payload: new TextEncoder().encode(JSON.stringify(hello)) })
  }

  send(...frames: readonly Frame[]): void {
    this.#writer.write(concatBytes(frames.map(encodeFrame))).catch(() => {}) // as above
  }

  lose(): void {
    const reason = new Error("The transport is lost")
    this.#writer.abort(reason).catch(() => {})
    this.#reader.cancel(reason).catch(() => {})
  }
}

/** The peer of the session beside it says nothing more, and leaves. */
const LEAVES = { ends: "CONNECTION_LOST", isTold: false } as const

interface Row {
  readonly name: string
  readonly limit: Script["limit"]
  readonly maxHeldBytes?: number
  play(scene: Scene): Promise<void>
}

const ROWS: readonly Row[] = [
  {
    name: "500 sessions that may be resumed, where 100 are kept",
    limit: "sessions that are kept",
    maxHeldBytes: 16_000_000,
    async play(scene) {
      const { mux, clock, claim, measure } = scene
      const acceptor = new mux.ResumeAcceptor({ clock, maxSessions: 100, keepMs: 60_000 })
      const visitors = Array.from({ length: 500 }, () => new Visitor(scene, acceptor))
      for (const [n, visitor] of visitors.entries()) visitor.greet({ session: `session ${n}` })
      await Promise.all(visitors.map(({ session }) => session))
      claim(acceptor.size === 100, `${acceptor.size} sessions are kept`)
      for (const visitor of visitors) visitor.lose()
      await clock.advance(100)
      measure()
      await clock.advance(60_000)
      claim(acceptor.size === 0, `${acceptor.size} sessions are kept after their time`)
    },
  },
  {
    name: "a session whose transport is lost and that is never asked for",
    limit: "time that sessions are kept",
    async play(scene) {
      const { mux, clock, claim } = scene
      const acceptor = new mux.ResumeAcceptor({ clock, keepMs: 3000 })
      const visitor = new Visitor(scene, acceptor)
      visitor.greet({ session: "abandoned", keep: Number.MAX_SAFE_INTEGER })
      await visitor.session
      await clock.advance(10)
      visitor.lose()
      await clock.advance(2900)
      claim(acceptor.size === 1, "it was forgotten before its time")
      await clock.advance(200)
      claim(acceptor.size === 0, "it is kept after its time")
    },
  },
  {
    name: "a session of somebody else's, by its name",
    limit: "owner of a session",
    async play(scene) {
      const { mux, clock, claim } = scene
      const acceptor = new mux.ResumeAcceptor({ clock })
      const owner = new Visitor(scene, acceptor, "ada")
      owner.greet({ session: "stolen" })
      const session = await owner.session
      session?.handle(() => new TextEncoder().encode("for Ada alone"))
      owner.send(request(1))
      await clock.advance(10)
      const thief = new Visitor(scene, acceptor, "eve")
      thief.greet({ session: "stolen", seen: 0 })
      await thief.session
      await clock.advance(10)
      claim(!owner.isOver && thief.isOver, "the transport of another took its place")
      claim(thief.came.length === 1, `${thief.came.length} frames went to another`)
      await session?.abort()
    },
  },
  {
    name: "a peer that acknowledges nothing of 20 MB",
    limit: "bytes to be sent again",
    maxHeldBytes: 3_000_000,
    async play(scene) {
      const { mux, clock, claim, measure } = scene
      const acceptor = new mux.ResumeAcceptor({ clock, maxReplayBytes: 65_536 })
      const visitor = new Visitor(scene, acceptor)
      visitor.greet({ session: "greedy" })
      const session = await visitor.session
      let written = 0
      session?.serve(async (channel) => {
        const writer = channel.writable.getWriter()
        for (; written < 20_000_000; written += 10_000) await writer.write(new Uint8Array(10_000))
      })
      visitor.send(open(1, { credit: MOST }))
      for (let n = 0; n < 50; n++) await clock.advance(10)
      visitor.came.length = 0
      claim(written > 0 && written < 1_000_000, `${written} bytes were taken`)
      measure()
      session?.abort().catch(() => {}) // in time it is cut
    },
  },
  {
    name: "20,000 acknowledgements that count nothing new",
    limit: "acknowledgements of nothing",
    async play(scene) {
      const { mux, clock, claim } = scene
      const acceptor = new mux.ResumeAcceptor({ clock })
      const visitor = new Visitor(scene, acceptor)
      visitor.greet({ session: "busy" })
      await visitor.session
      for (let n = 0; n < 20; n++) {
        visitor.send(...Array.from({ length: 1000 }, (): Frame => ({ type: "ack", count: 0 })))
        await clock.advance(1)
      }
      claim(visitor.isOver && acceptor.size === 0, "the session stands")
    },
  },
  {
    name: "an acknowledgement of what was never sent",
    limit: "acknowledgements of what was sent",
    async play(scene) {
      const { mux, clock, claim } = scene
      const acceptor = new mux.ResumeAcceptor({ clock })
      const visitor = new Visitor(scene, acceptor)
      visitor.greet({ session: "liar" })
      await visitor.session
      visitor.send({ type: "ack", count: 7 })
      await clock.advance(10)
      claim(visitor.isOver && acceptor.size === 0, "the session stands")
    },
  },
  {
    name: "200 transports for sessions, which say nothing",
    limit: "time of hello for a session",
    async play(scene) {
      const { mux, clock, claim } = scene
      const acceptor = new mux.ResumeAcceptor({ clock, helloTimeoutMs: 4000 })
      let late = 0
      for (let n = 0; n < 200; n++) {
        new Visitor(scene, acceptor).session.catch((error: { code: string }) => {
          if (error.code === "TIMEOUT") late++
        })
      }
      await clock.advance(4100)
      claim(late === 200, `${late} of 200 were given up`)
    },
  },
]

export const resumeScripts: readonly Script[] = ROWS.map((row) => ({
  ...row,
  ...LEAVES,
  async play(scene) {
    await scene.peer.greet()
    await row.play(scene)
    scene.peer.end()
  },
}))
