import type { Row } from "../harness/row.ts"
import type { Carrier } from "./carriers.ts"
import { contest, fastest, peersOver, ratio, type Use } from "./contest.ts"
import { ours } from "./ours.ts"
import { raw } from "./raw.ts"
import type { OpenSubject, Subject } from "./subject.ts"

const BODY = new Uint8Array(100)
const FLOORS = { TCP: 0.65, WebSocket: 0.7, MessagePort: 0.5 } as const

const asking =
  (inFlight: number): Use =>
  (subject) =>
  async (count) => {
    let asked = 0
    let answered = 0
    const ask = async (): Promise<void> => {
      while (asked < count) {
        asked++
        await subject.request?.(BODY)
        answered++
      }
    }
    await Promise.all(Array.from({ length: inFlight }, ask))
    return answered
  }

/** Requests: one at a time against a ping-pong, and 64 at a time against the peers. */
export async function* requestCases(carrier: Exclude<Carrier, "memory">): AsyncGenerator<Row> {
  const peers = await askable(await peersOver(carrier))
  const us: OpenSubject = () => ours(carrier)
  const title = `requests, 1 in flight, ${carrier}`
  const [alone, one] = await contest(title, [() => raw(carrier), us, ...peers], asking(1))
  const name = `${title}: of a ping-pong without a session`
  yield { name, value: ratio(one, alone), unit: "x", floor: FLOORS[carrier] }

  const many = `requests, 64 in flight, ${carrier}`
  const [all, ...others] = await contest(many, [us, ...peers], asking(64))
  const best = fastest(others.filter(({ subject }) => subject.backpressure === "each stream"))
  const against = `of the best peer with backpressure, ${best?.subject.name}`
  yield { name: `${many}: ${against}`, value: ratio(all, best), unit: "x", floor: 3 }
}

/** Those that have requests. */
async function askable(opens: readonly OpenSubject[]): Promise<OpenSubject[]> {
  const found: OpenSubject[] = []
  for (const open of opens) {
    const subject: Subject | string = await open()
    if (typeof subject === "string") continue
    if (subject.request !== undefined) found.push(open)
    subject.close()
  }
  return found
}
