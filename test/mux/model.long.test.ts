import { expect, test } from "vitest"
import { runModel } from "./model/run-model.ts"
import { TAMPERS } from "./tampers.ts"

const RUNS = Number(process.env["MODEL_RUNS"] ?? 1000)
/** A planted fault has to be found within so many. */
const FAULT_RUNS = 500

/** How often each command has to have run, and what it has to have met, in a hundred runs. */
const FLOORS = {
  open: 140,
  request: 140,
  write: 480,
  send: 290,
  read: 240,
  close: 30,
  fail: 15,
  abort: 15,
  cancel: 70,
  "seen: close": 180,
  "seen: fail": 12,
  "seen: abort": 12,
  "close: behind what waits": 4,
  "fail: dropped": 2,
  "abort: dropped": 4,
  "cancel: behind the end": 8,
  "finished: in order": 65,
  "finished: failed": 75,
}

test("Two sessions do what the model does: items in order, within the window, one end for each direction", {
  timeout: 600_000,
}, async () => {
  const counts = new Map<string, number>()
  expect(await runModel(RUNS, counts)).toBeUndefined()
  console.log("model:", JSON.stringify(Object.fromEntries(counts)))
  for (const [name, floor] of Object.entries(FLOORS)) {
    expect(counts.get(name) ?? 0, name).toBeGreaterThanOrEqual((floor * RUNS) / 100)
  }
})

test.each(Object.keys(TAMPERS))("The model sees when %s", async (fault) => {
  expect(await runModel(FAULT_RUNS, new Map(), TAMPERS[fault])).toBeDefined()
})
