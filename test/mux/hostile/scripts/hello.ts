import { open, ping, raw } from "../frames.ts"
import type { Limit } from "../lifted-limits.ts"
import type { Script } from "../script.ts"

const utf8 = new TextEncoder()

/** A greeting, as text, that is refused. */
const REFUSED: readonly (readonly [name: string, limit: Limit, text: string])[] = [
  ["no JSON", "hello is JSON", "{"],
  ["an array", "hello is an object", "[]"],
  ["null", "hello is an object", "null"],
  ["a number", "hello is an object", "1e999"],
  ["60,000 brackets", "hello is JSON", "[".repeat(60_000)],
  ["another version", "hello's ranges", '{"v":2}'],
  ["a credit of 0", "hello's ranges", '{"credit":0}'],
  ["a credit of 2^31", "hello's ranges", '{"credit":2147483648}'],
  ["a credit of 1.5", "hello's ranges", '{"credit":1.5}'],
  ["a frame of 4,095 bytes", "hello's ranges", '{"frame":4095}'],
  ["a frame of 2^24", "hello's ranges", '{"frame":16777216}'],
  ["an item of -1", "hello's ranges", '{"item":-1}'],
  ["an item of 2^53", "hello's ranges", '{"item":9007199254740992}'],
  ["2^31 channels", "hello's ranges", '{"streams":2147483648}'],
  ["an idle time of -1", "hello's ranges", '{"idle":-1}'],
  ["an idle time of 1e999", "hello's ranges", '{"idle":1e999}'],
]

const refused: readonly Script[] = REFUSED.map(([name, limit, text]) => ({
  name: `a greeting of ${name}`,
  limit,
  floor: { bytes: 9 },
  async play({ peer }) {
    peer.read()
    await peer.sendBytes(raw(0, 0, utf8.encode(text)))
  },
}))

export const helloScripts: readonly Script[] = [
  ...refused,
  {
    name: "a greeting of 65,537 bytes",
    limit: "frame length",
    ends: "TOO_LARGE",
    floor: { bytes: 65_537 },
    async play({ peer }) {
      peer.read()
      await peer.sendBytes(raw(0, 0, utf8.encode(`{"app":"${"a".repeat(65_527)}"}`)))
    },
  },
  {
    name: "a greeting that is not UTF-8",
    limit: "utf8",
    floor: { bytes: 19 },
    async play({ peer }) {
      peer.read()
      await peer.sendBytes(raw(0, 0, Uint8Array.of(...utf8.encode('{"app":"'), 0xff, 0x22, 0x7d)))
    },
  },
  {
    name: "a channel before the greeting",
    limit: "hello first",
    async play({ peer }) {
      peer.read()
      await peer.send(open(1))
    },
  },
  {
    name: "a greeting with the keys of prototypes, and 30,000 levels deep",
    limit: "hello's own keys",
    ends: "CONNECTION_LOST",
    isTold: false,
    floor: { bytes: 60_000 },
    async play({ peer, session, claim }) {
      peer.read()
      const deep = "[".repeat(30_000) + "]".repeat(30_000)
      const keys = '"__proto__":{"credit":7,"streams":1},"constructor":{"prototype":{"item":3}}'
      await peer.sendBytes(raw(0, 0, utf8.encode(`{${keys},"app":${deep}}`)))
      const ready = await session.ready
      claim(ready.windowBytes === 262_144 && ready.maxChannels === 100, "a prototype was obeyed")
      claim(Object.keys(Object.prototype).length === 0, "Object.prototype has keys")
      claim(!("credit" in {}), "Object.prototype was changed")
      await peer.send(ping(1))
      peer.end()
    },
  },
  {
    name: "silence",
    limit: "time of hello",
    options: { helloTimeoutMs: 4000 },
    ends: "TIMEOUT",
    floor: {},
    async play({ peer }) {
      peer.read()
    },
  },
  {
    name: "a greeting of one byte in 100 ms",
    limit: "time of hello",
    options: { helloTimeoutMs: 4000 },
    ends: "TIMEOUT",
    floor: { bytes: 39 },
    async play({ peer, clock }) {
      peer.read()
      const bytes = raw(0, 0, utf8.encode(`{"app":"${"a".repeat(100)}"}`))
      for (let at = 0; at < 50; at++) {
        await peer.sendBytes(bytes.subarray(at, at + 1))
        await clock.advance(100, 4)
      }
    },
  },
  {
    name: "2,000 silent connections",
    limit: "time of hello",
    options: { helloTimeoutMs: 4000 },
    ends: "TIMEOUT",
    floor: {},
    maxHeldBytes: 40_000_000,
    async play({ mux, peer, clock, claim, measure }) {
      peer.read()
      const sessions = Array.from(
        { length: 2000 },
        () => new mux.Session({ helloTimeoutMs: 4000, clock }),
      )
      measure()
      let ended = 0
      for (const session of sessions) {
        void session.readable.pipeTo(new WritableStream()).catch(() => {})
        session.closed.catch((error: { code: string }) => {
          if (error.code === "TIMEOUT") ended++
        })
      }
      await clock.advance(4100)
      claim(ended === 2000, `${ended} of 2,000 were given up`)
    },
  },
]
