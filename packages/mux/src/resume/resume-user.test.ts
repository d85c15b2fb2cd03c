import { type Clock, VirtualClock } from "@bellmouth/core"
import { expect, test } from "vitest"
import { connect } from "../connect.ts"
import { type MemoryTransports, memoryTransports } from "../testing/memory-transports.ts"
import type { Transport } from "../transport.ts"
import { ResumeAcceptor } from "./resume-acceptor.ts"
import { resumable } from "./resume-connector.ts"

/** Transports to one server, in virtual time. */
class World {
  readonly clock = new VirtualClock()
  readonly wires: MemoryTransports[] = []
  readonly acceptor = new ResumeAcceptor({ clock: this.clock, keepMs: 5000 })
  readonly refused: unknown[] = []

  readonly dial = async (): Promise<Transport> => {
    const wires = memoryTransports({ seed: this.wires.length, clock: this.clock })
    this.wires.push(wires)
    this.acceptor.accept(wires.second).then(
      (accepted) => accepted && connect(accepted, { clock: this.clock }).handle((body) => body),
      (error: unknown) => this.refused.push(error),
    )
    return wires.first
  }
}

test.each(["lost", "resumed"] as const)(
  'What onChange throws of "%s" ends the session, and its transport',
  async (when) => {
    const world = new World()
    const { clock, wires, acceptor } = world
    const planted = new Error("planted")
    const onChange = (state: "lost" | "resumed"): void => {
      if (state === when) throw planted
    }
    const client = connect(resumable(world.dial, { clock, onChange }), { clock })
    const asked = client.request(new Uint8Array(1))
    await clock.advance(1)
    await asked
    wires[0]?.cut()
    await clock.advance(10)
    await expect(client.closed).rejects.toMatchObject({ code: "CONNECTION_LOST", cause: planted })
    await clock.advance(10_000)
    expect([wires.length, acceptor.size]).toEqual([when === "lost" ? 1 : 2, 0])
  },
)

test("A greeting that is too long with what resuming adds is refused here", async () => {
  const world = new World()
  const { clock } = world
  const client = connect(resumable(world.dial, { clock }), { clock, app: "x".repeat(65_450) })
  await clock.advance(100)
  await expect(client.closed).rejects.toMatchObject({
    code: "CONNECTION_LOST",
    cause: expect.objectContaining({
      message: expect.stringMatching(/^Cannot greet: 65\d\d\d bytes/),
    }),
  })
})

test("No timer is asked for a time that has passed", async () => {
  const world = new World()
  const waits: number[] = []
  let late = 0
  const clock: Clock = {
    now: () => world.clock.now() + late++ / 100,
    schedule(run, ms) {
      waits.push(ms)
      return world.clock.schedule(run, ms)
    },
  }
  let dials = 0
  const dial = async (): Promise<Transport> => {
    if (dials++ === 0) return world.dial()
    return new Promise(
      (_, reject) => void world.clock.schedule(() => reject(new Error("no")), 3500),
    )
  }
  const client = connect(resumable(dial, { clock, keepMs: 5000 }), { clock: world.clock })
  await world.clock.advance(1)
  world.wires[0]?.cut()
  await world.clock.advance(20_000)
  await expect(client.closed).rejects.toMatchObject({ code: "CONNECTION_LOST" })
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(0)
})
