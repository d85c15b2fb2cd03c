import type { Row } from "../harness/row.ts"
import type { Carrier } from "./carriers.ts"
import { contest, fastest, peersOver, ratio, type Use } from "./contest.ts"
import { ours, pipedFromCore, pipedNatively, written } from "./ours.ts"
import { portLimit } from "./port-limit.ts"
import { raw } from "./raw.ts"
import { Flow, type OpenSubject } from "./subject.ts"

const LARGE = new Uint8Array(65_536)
const SMALL = new Uint8Array(100)

const sending =
  (chunk: Uint8Array): Use =>
  (subject) => {
    const flow = new Flow(subject)
    return (count) => flow.transfer(chunk, count)
  }

/** One channel: chunks of 64 KiB, then items of 100 bytes. */
export async function* throughputCases(carrier: Carrier): AsyncGenerator<Row> {
  const peers = await peersOver(carrier)
  const us: OpenSubject = () => ours(carrier)
  const title = `one channel, 64 KiB chunks, ${carrier}`
  const limits = carrier === "MessagePort" ? [portLimit] : []
  const opens = [() => raw(carrier), us, ...limits, ...peers]
  const [alone, large, ...rest] = await contest(title, opens, sending(LARGE), LARGE.length)
  for (const { subject, ns } of rest.slice(0, limits.length)) {
    const name = `${title}, ${subject.name}: of the transport alone`
    yield { name, value: ratio({ subject, ns }, alone), unit: "x" }
  }
  const others = rest.slice(limits.length)
  yield {
    name: `${title}: of the transport alone`,
    value: ratio(large, alone),
    unit: "x",
    floor: 0.85,
  }
  if (others.length === 0) return
  const best = fastest(others)
  const name = `${title}: of the best peer, ${best?.subject.name}`
  yield { name, value: ratio(large, best), unit: "x", floor: 1 }

  const items = `one channel, 100 B items, ${carrier}`
  const natively: OpenSubject = () => ours(carrier, pipedNatively)
  const fromCore: OpenSubject = () => ours(carrier, pipedFromCore)
  const ways = [() => ours(carrier, written), natively, fromCore]
  const results = await contest(
    `${items}: write(), pipeTo() of the platform, pipeTo() of core`,
    [...ways, ...peers],
    sending(SMALL),
  )
  // HTTP/2 and yamux join items to bytes; yamux can be asked to keep them only by a layer above.
  const rivals = results
    .slice(ways.length)
    .filter(
      ({ subject }) => subject.backpressure === "each stream" && subject.name !== "node:http2",
    )
  const rival = fastest(rivals)
  for (const [index, way] of ["write()", "pipeTo()", "pipeTo() of core's streams"].entries()) {
    const value = ratio(results[index], rival)
    const against = `of the best peer with backpressure, ${rival?.subject.name}`
    const floor = index === 1 ? {} : { floor: 5 }
    yield { name: `${items}, ${way}: ${against}`, value, unit: "x", ...floor }
  }
}
