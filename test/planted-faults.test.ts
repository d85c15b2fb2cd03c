import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { ROOT } from "../scripts/source-tree.ts"
import type { PlantedFault } from "./crash/planted-fault.ts"
import { plantedFaults } from "./crash/planted-faults.ts"
import { LIFTED } from "./mux/hostile/lifted-limits.ts"

/** Whether a fault could be planted: what it changes stands there, once. */
function isPlantable({ package: name = "log-fs", file, from }: PlantedFault): boolean {
  const source = readFileSync(join(ROOT, "packages", name, "src", file), "utf8")
  return source.split(from).length === 2
}

// The tests that plant them run for minutes; that a line has changed shows here.
test("Every fault that the long tests plant can be planted", () => {
  const lifted = Object.entries(LIFTED).map(([name, faults]) => ({ name, faults }))
  const all = [...plantedFaults, ...lifted]
  expect(all.length).toBeGreaterThan(60)
  const stale = all.filter(({ faults }) => !faults.every(isPlantable)).map(({ name }) => name)
  expect(stale).toEqual([])
})

test("A fault whose line has changed is found", () => {
  const fault = { package: "mux", file: "streams/ring.ts", from: "not there", to: "" } as const
  expect(isPlantable(fault)).toBe(false)
})
