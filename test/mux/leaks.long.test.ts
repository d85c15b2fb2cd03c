import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { text } from "node:stream/consumers"
import { afterAll, beforeAll, expect, test } from "vitest"
import { needsLinux } from "../crash/needs.ts"
import { bundleProgram, type PlantedFault } from "../crash/planted-fault.ts"
import type { Left } from "./leaks.ts"

const EXIT_MS = 1000
/** The last of a kind may stand in a register, or in the frame of a function that waits. */
const HANDFUL = 8
/** With each pair of sessions: less than a listener or a promise costs. */
const MOST_SLOPE_BYTES = 64

const fault = (file: string, from: string, to: string): PlantedFault => ({
  package: "mux",
  file,
  from,
  to,
})
/** The time that a transport has for its end goes on when it has ended. */
const TIMER_KEPT = [
  fault("session/session.ts", "if (this.#input === undefined) this.#stopTimer()", ""),
  fault("session/session.ts", "if (this.#isSent) this.#stopTimer()", ""),
]
const CHANNEL_KEPT = [
  fault(
    "session/session-core.ts",
    "this.channels.delete(channel.id)",
    "this.channels.has(channel.id)",
  ),
]
const LISTENER_OF_REQUEST = [
  fault("channel/request-client.ts", 'signal?.removeEventListener("abort", onAbort)', ""),
]
const LISTENER_OF_CHANNEL = [
  fault("channel/channel-streams.ts", "this.finished.then(forget, forget)", "void forget"),
]

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "bellmouth-leaks-"))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Runs a part of the program; `exits` says whether it ended by itself soon after its last line. */
async function run(
  args: readonly string[],
  faults: readonly PlantedFault[] = [],
): Promise<Left & { readonly exits: boolean }> {
  const program = await bundleProgram("../mux/leaks.ts", folder, faults)
  const child = spawn(process.execPath, [program, ...args])
  const closed = once(child, "close")
  const errors = text(child.stderr)
  const lines: string[] = []
  let timer: NodeJS.Timeout | undefined
  createInterface(child.stdout).on("line", (line) => {
    lines.push(line)
    timer = setTimeout(() => child.kill("SIGKILL"), EXIT_MS)
  })
  const [code] = await closed
  clearTimeout(timer)
  if (lines[0] === undefined) throw new Error(`Nothing was said: ${await errors}`)
  return { ...JSON.parse(lines[0]), exits: code === 0 }
}

test("of a thousand sessions that were closed none is kept; a timer that goes on is seen", async () => {
  const [sound, faulty] = await Promise.all([run(["sessions"]), run(["sessions"], TIMER_KEPT)])
  expect(sound).toMatchObject({ opened: 1000, exits: true })
  expect(sound.sessions).toBeLessThanOrEqual(HANDFUL)
  expect(faulty.sessions).toBeGreaterThan(10 * HANDFUL)
})

test("of a thousand channels that are over none is kept by its session; one that is not let go is seen", async () => {
  const [sound, faulty] = await Promise.all([run(["channels"]), run(["channels"], CHANNEL_KEPT)])
  expect(sound).toMatchObject({ opened: 1000, exits: true })
  expect(sound.channels).toBeLessThanOrEqual(HANDFUL)
  expect(faulty.channels).toBeGreaterThan(10 * HANDFUL)
})

test("the heap does not grow with sessions; an array of 16 numbers for each pair is seen", async () => {
  const [sound, leaking] = await Promise.all([run(["slope"]), run(["slope", "--leak"])])
  expect(sound.opened).toBe(1200)
  expect(sound.slopeBytes).toBeLessThan(MOST_SLOPE_BYTES)
  expect(leaking.slopeBytes).toBeGreaterThan(MOST_SLOPE_BYTES)
})

test("a signal keeps no listener of channels and requests that are over; each that stays is seen", async () => {
  const [sound, ofRequests, ofChannels] = await Promise.all([
    run(["listeners"]),
    run(["listeners"], LISTENER_OF_REQUEST),
    run(["listeners"], LISTENER_OF_CHANNEL),
  ])
  expect(sound).toEqual({ opened: 40, listenersBefore: 40, listeners: 0, exits: true })
  expect(ofRequests).toMatchObject({ listenersBefore: 40, listeners: 20 })
  expect(ofChannels).toMatchObject({ listenersBefore: 40, listeners: 20 })
})

test("a process ends by itself within a second of its last session over TCP; a timer that goes on is seen", async () => {
  const [sound, faulty] = await Promise.all([run(["tcp"]), run(["tcp"], TIMER_KEPT)])
  expect(sound).toMatchObject({ opened: 20, exits: true })
  expect(faulty).toMatchObject({ opened: 20, exits: false })
})

test.runIf(needsLinux)(
  "sessions over TCP give their descriptors back; those not closed are seen",
  async () => {
    const [sound, leaking] = await Promise.all([run(["tcp"]), run(["tcp", "--leak"])])
    expect(sound.descriptorsBefore).toBeGreaterThan(0)
    expect(sound.descriptors).toBe(sound.descriptorsBefore)
    expect(leaking.descriptors).toBe(40 + (leaking.descriptorsBefore ?? 0))
    expect(leaking.exits).toBe(false)
  },
)
