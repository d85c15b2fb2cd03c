import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { bundleProgram, type PlantedFault } from "../crash/planted-fault.ts"
import type { ManyChannels } from "./many-channels.ts"
import { runWithin } from "./memory-limit.ts"

const LIMIT_BYTES = 640 * 2 ** 20
const WINDOW_BYTES = 4096
const PROGRAM = "../mux/many-channels.ts"

/** Credit for what has come, whether or not anybody reads it. */
const CREDIT_UNREAD: PlantedFault = {
  package: "mux",
  file: "channel/inbound.ts",
  from: "if (!isOnlyEnd) this.window.arrive(cost)",
  to: "if (!isOnlyEnd) { this.window.arrive(cost); this.#owner.taken(cost, true) }",
}

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "bellmouth-channels-"))
})
afterAll(() => rmSync(folder, { recursive: true }))

test.each([
  { stalled: 1, bytes: 9999 * 5 * 1024 },
  { stalled: 9999, bytes: 4096 * 1024 },
])(
  "of 10,000 channels, $stalled that are stalled cost their windows and stop no other; with credit for what nobody read they take all memory",
  async ({ stalled, bytes }) => {
    const programs = [
      bundleProgram(PROGRAM, folder),
      bundleProgram(PROGRAM, folder, [CREDIT_UNREAD]),
    ]
    const [sound, faulty] = await Promise.all(
      programs.map(async (program) => runWithin(LIMIT_BYTES, await program, [String(stalled)])),
    )
    expect(sound).toMatchObject({ code: 0, stderr: "" })
    const said: ManyChannels = JSON.parse(sound?.stdout ?? "")
    expect(said).toMatchObject({ together: 10_000, completed: 10_000 - stalled, bytes })
    expect(said.leastStalledBytes).toBeGreaterThanOrEqual(WINDOW_BYTES / 2)
    expect(said.mostStalledBytes).toBeLessThanOrEqual(3 * WINDOW_BYTES)
    expect(faulty).toMatchObject({ code: 137, stdout: "" })
  },
)
