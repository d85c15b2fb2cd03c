import { VirtualClock } from "@bellmouth/core"
import { seededRandom } from "@bellmouth/core/testing"
import { Session, type SessionOptions, type Transport } from "@bellmouth/mux"
import { memoryTransports } from "@bellmouth/mux/testing"
import { makePlan, type SidePlan, type SimulationPlan } from "./plan.ts"
import { SimulatedSide } from "./simulated-side.ts"
import { Trace } from "./trace.ts"

/** In virtual time; everything has ended long before. */
const LONGEST_MS = 120_000
const STEP_MS = 1000

/** Enough for what hangs on one delivery; what takes longer goes on beside the next. */
const TURNS = 16

/** What lies between a session and its transport: to plant faults that a simulation must see. */
export type Tamper = () => ReadableWritablePair<Uint8Array, Uint8Array>

/** Runs the simulation of a seed: two sessions of real streams, in virtual time, with its faults. */
export function simulate(seed: number, tamper?: Tamper): Promise<Trace> {
  return inVirtualTime(() => run(seed, tamper))
}

/** Runs what no real time may change. */
export async function inVirtualTime<T>(work: () => Promise<T>): Promise<T> {
  const { now } = performance
  // Long loops of streams give way to timers after some ms of real time, which no seed knows.
  performance.now = () => 0
  try {
    return await work()
  } finally {
    performance.now = now
  }
}

async function run(seed: number, tamper?: Tamper): Promise<Trace> {
  const plan = makePlan(seededRandom(seed))
  const clock = new VirtualClock()
  const trace = new Trace()
  const { maxPieceBytes, maxDelayMs, fault } = plan
  const isCut = fault === "cut-at-byte"
  const cutAtBytes = isCut ? ([plan.cutAtBytes, plan.cutAtBytes] as const) : undefined
  const ways = plan.areByteStreams.map((isByteStream) => ({ isByteStream }))
  const wires = memoryTransports({
    seed,
    clock,
    maxPieceBytes,
    maxDelayMs,
    onDelivery: ({ direction, bytes, atMs }) => trace.add(`${direction} ${bytes} ${atMs}`),
    ...(cutAtBytes && { cutAtBytes }),
  })
  const [near, far] = [
    start(wires.first, plan.near, clock, trace.watch("near"), undefined, ways[0]),
    start(wires.second, plan.far, clock, trace.watch("far"), tamper?.(), ways[1]),
  ] as const
  for (const { isByteStream } of ways) {
    trace.reach(isByteStream ? "a session over a stream of bytes" : "a session over messages")
  }
  const world = { clock, trace, mayBreak: fault !== "none" && fault !== "hold" }
  const sides = [
    new SimulatedSide("near", near, { own: plan.near, peer: plan.far }, world),
    new SimulatedSide("far", far, { own: plan.far, peer: plan.near }, world),
  ]
  let open = sides.length
  const ending = Promise.all(sides.map((side) => side.run().finally(() => open--))).then(() =>
    Promise.allSettled([near.close(), far.close()]),
  )
  let isOver = false
  void ending.then(() => {
    isOver = true
  })
  await clock.advance(plan.faultAtMs, TURNS)
  if (open > 0) strike(plan, { wires, near, trace })
  await clock.advance(plan.faultAtMs, TURNS)
  // The clean phase: from here on nothing stands in the way, and all must end.
  wires.release("there")
  wires.release("back")
  const step = async (): Promise<void> => {
    await clock.advance(STEP_MS, TURNS)
    await new Promise((resolve) => setImmediate(resolve))
  }
  for (let at = 0; at < LONGEST_MS && !isOver; at += STEP_MS) await step()
  await step() // the last bytes are still under way
  if (!isOver) trace.violate(`${open} sides have not ended`)
  trace.reach(`the fault ${fault}`)
  return trace
}

/** A session over a transport, with the limits of its plan. */
export function start(
  transport: Transport,
  { windowBytes, maxChannels }: SidePlan,
  clock: VirtualClock,
  watch: TransformStream<Uint8Array, Uint8Array>,
  tamper: ReadableWritablePair<Uint8Array, Uint8Array> = new TransformStream(),
  options: SessionOptions = {},
): Session {
  const session = new Session({
    windowBytes,
    maxChannels,
    clock,
    maxFrameBytes: 4096,
    maxItemBytes: 65_536,
    ...options,
  })
  // What ends these ends the session, which the sides see.
  transport.readable.pipeTo(session.writable).catch(() => {})
  session.readable
    .pipeThrough(watch)
    .pipeThrough(tamper)
    .pipeTo(transport.writable)
    .catch(() => {})
  return session
}

interface Struck {
  readonly wires: ReturnType<typeof memoryTransports>
  readonly near: Session
  readonly trace: Trace
}

function strike({ fault }: SimulationPlan, { wires, near, trace }: Struck): void {
  trace.add(fault)
  switch (fault) {
    case "none":
    case "cut-at-byte":
      return
    case "cut":
      return wires.cut()
    case "hold":
      wires.hold("there")
      return wires.hold("back")
    case "truncate":
      return wires.truncate("there")
    case "abort":
      near.abort().catch(() => {}) // it fulfils
      return
    case "close-early":
      near.close().catch(() => {}) // the sides see how it ends
      return
    default:
      fault satisfies never
  }
}
