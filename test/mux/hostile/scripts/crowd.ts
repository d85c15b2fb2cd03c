import { duplexPair } from "@bellmouth/core"
import { data, goaway } from "../frames.ts"
import type { Scene, Script } from "../script.ts"

const CLIENTS = 200
const REQUESTS = 25
const ROUNDS = 8
const MESSAGES = 100_000

const LEAVES = { ends: "CONNECTION_LOST", isTold: false } as const

const utf8 = new TextEncoder()

/** Names that every object has, and names that mean something to JSON. */
const NAMES: readonly string[] = [
  ...Object.getOwnPropertyNames(Object.prototype),
  "then",
  "prototype",
  "toJSON",
  "echo ",
  "Echo",
  "",
]

/** A call as JSON, with keys that a careless reader merges into its objects. */
function callTo(name: string): Uint8Array {
  const polluting = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":2}}}'
  return utf8.encode(`{"method":${JSON.stringify(name)},"__proto__":{"x":1},"params":${polluting}}`)
}

const ECHO = callTo("echo")
const UNKNOWN = NAMES.map(callTo)

/** One call in ten has a method. */
function callOf(n: number): Uint8Array {
  return n % 10 === 9 ? ECHO : (UNKNOWN[n % UNKNOWN.length] ?? ECHO)
}

function isEqual(bytes: Uint8Array | undefined, wanted: readonly number[]): boolean {
  return bytes?.length === wanted.length && wanted.every((byte, at) => bytes[at] === byte)
}

function isRefused(act: () => unknown): boolean {
  try {
    act()
    return false
  } catch (error) {
    return error instanceof TypeError
  }
}

/** One client's requests and channels: all clients use the same numbers at the same time. */
async function ask({ mux, claim }: Scene, tag: number): Promise<number> {
  const [here, there] = duplexPair<Uint8Array>()
  const [client, server] = [mux.connect(here), mux.connect(there)]
  claim(
    isRefused(() => mux.connect(there)),
    "a transport served two sessions",
  )
  server.handle(async (body) => Uint8Array.of(...body, tag))
  server.serve((channel) => channel.readable.pipeTo(channel.writable))
  let foreign = 0
  for (let round = 0; round < ROUNDS; round++) {
    const asked = Array.from({ length: REQUESTS }, (_, n) =>
      client.request(Uint8Array.of(tag, round, n)),
    )
    const channel = client.open()
    const writer = channel.writable.getWriter()
    const wrote = Promise.all([writer.write(Uint8Array.of(tag, round)), writer.close()])
    const [replies, { value: echo }] = await Promise.all([
      Promise.all(asked),
      channel.readable.getReader().read(),
      wrote,
    ])
    for (const [n, reply] of replies.entries()) {
      if (!isEqual(reply, [tag, round, n, tag])) foreign++
    }
    if (!isEqual(echo, [tag, round])) foreign++
  }
  claim(foreign === 0, `${foreign} replies to client ${tag} were another's`)
  await client.close()
  return ROUNDS * REQUESTS
}

export const crowdScripts: readonly Script[] = [
  {
    name: "200 clients that open equal numbers at once, on one server",
    limit: "channels of a session",
    ...LEAVES,
    floor: {},
    maxHeldBytes: 16_000_000,
    async play(scene) {
      const { peer, claim } = scene
      await peer.greet()
      const replies = await Promise.all(
        Array.from({ length: CLIENTS }, (_, tag) => ask(scene, tag)),
      )
      const count = replies.reduce((sum, more) => sum + more, 0)
      claim(count === CLIENTS * ROUNDS * REQUESTS, `only ${count} replies came`)
      peer.end()
    },
  },
  {
    name: "100,000 messages of one byte that nobody reads",
    limit: "window",
    ends: "FLOW_CONTROL",
    floor: { frames: 29_000 },
    async play({ peer }) {
      await peer.greet()
      await peer.flood(data(0, 1), MESSAGES)
    },
  },
  {
    name: "100,000 messages of one byte, as fast as they are read, and then a goodbye",
    limit: "credit for what was taken",
    ends: "INTERNAL",
    isTold: false,
    floor: { frames: MESSAGES },
    async play({ peer, session, neighbour, claim, measure }) {
      let granted = 262_144
      let given = 0
      let read = 0
      let wake = (): void => {}
      peer.on((frame) => {
        if (frame.type !== "credit" || frame.id !== 0) return
        granted += frame.credit
        given += frame.credit
        claim(given <= 9 * read, `credit of ${given} was given for ${9 * read} that were read`)
        wake()
      })
      void session.messages
        .pipeTo(
          new WritableStream({
            write() {
              read++
            },
          }),
        )
        .catch(() => {}) // `closed` is looked at
      await peer.greet()
      for (let sent = 0; sent < MESSAGES && !peer.isOver; ) {
        const most = Math.min(Math.ceil(granted / 9), MESSAGES - sent, 7000)
        if (most <= 0) {
          await Promise.race([new Promise<void>((resolve) => (wake = resolve)), session.closed])
          continue
        }
        await peer.flood(data(0, 1), most)
        sent += most
        granted -= 9 * most
      }
      measure()
      while (read < MESSAGES && neighbour.faults.length === 0) await neighbour.answers(1)
      await peer.send(goaway(0, 2))
      claim(read === MESSAGES, `${read} of 100,000 messages were read`)
    },
  },
  {
    name: "100,000 calls in JSON, of names that every object has",
    limit: "names of methods",
    ...LEAVES,
    floor: { bytes: 10_000_000 },
    async play({ mux, peer, session, claim }) {
      const keys = Object.getOwnPropertyNames(Object.prototype).join()
      let calls = 0
      const methods = {
        echo: mux.asyncMethod(
          (params: object) => {
            calls++
            return "polluted" in params ? Object.keys(params) : null
          },
          { params: Object },
        ),
      }
      mux.serveMethods(session, methods)
      await peer.greet()
      const codes = new Map<number | string, number>()
      let answered = 0
      let wake = (): void => {}
      peer.on((frame) => {
        if (frame.type !== "abort" && frame.type !== "data") return
        const code = frame.type === "abort" ? frame.code : new TextDecoder().decode(frame.payload)
        codes.set(code, (codes.get(code) ?? 0) + 1)
        answered++
        wake()
      })
      for (let n = 0; n < MESSAGES && !peer.isOver; n += 50) {
        await peer.floodEach(50, (k) => [
          {
            type: "open",
            id: n + k + 1,
            fin: true,
            more: false,
            credit: 10_000,
            head: callOf(n + k),
          },
        ])
        while (answered < n && !peer.isOver) {
          await Promise.race([new Promise<void>((resolve) => (wake = resolve)), session.closed])
        }
      }
      while (answered < MESSAGES && !peer.isOver) {
        await Promise.race([new Promise<void>((resolve) => (wake = resolve)), session.closed])
      }
      claim(calls === MESSAGES / 10, `echo was called ${calls} times`)
      claim(codes.get(9) === MESSAGES - calls, `the codes were ${JSON.stringify([...codes])}`)
      claim(codes.get("null") === calls, `the replies were ${JSON.stringify([...codes])}`)
      claim(Object.getOwnPropertyNames(Object.prototype).join() === keys, "a prototype was changed")
      peer.reset()
    },
  },
]
