import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { openGitLog } from "@bellmouth/log-git"
import { afterAll, beforeAll, expect, test } from "vitest"
import { GIT_REF, gitCycles } from "./git-cycles.ts"
import { readGitReference } from "./git-reference.ts"

const CYCLES = Number(process.env.GIT_KILL_CYCLES ?? 100)

let folder = ""
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bellmouth-git-kill-"))
})
afterAll(() => rm(folder, { recursive: true }))

test("git: kill -9 takes no acknowledged record, and no lock that is left stops the next writer", {
  timeout: 600_000,
}, async () => {
  const repository = join(folder, "honest")
  const counts = await gitCycles({
    repository,
    cycles: CYCLES,
    behaviour: "honest",
    end: (acknowledged, cycle) =>
      acknowledged < 10 ? undefined : setTimeout(((cycle * 7) % 40) / 4),
  })
  console.log("git, kill -9:", JSON.stringify(counts))
  expect(counts).toMatchObject({ cycles: CYCLES, lost: 0, changed: 0, damaged: 0, stopped: 0 })
  expect(counts.acknowledged).toBeGreaterThanOrEqual(CYCLES * 10)
  expect(counts.removedLocks).toBeGreaterThanOrEqual(CYCLES * 0.03)
  const records = readGitReference(repository, GIT_REF)
  await using log = await openGitLog(repository, "killed")
  let offset = 0
  for await (const { data } of log.replay()) {
    if (!records[offset]?.equals(data)) expect.fail(`the readers differ at offset ${offset}`)
    offset++
  }
  expect(offset).toBe(records.length)
})

test("git: kill -9 shows a writer that acknowledges before it stores", async () => {
  let lost = 0
  let cycles = 0
  for (; cycles < 20 && lost === 0; cycles++) {
    const repository = join(folder, `early-${cycles}`)
    const end = (acknowledged: number): Promise<void> | undefined =>
      acknowledged < 5 ? undefined : Promise.resolve()
    lost += (await gitCycles({ repository, cycles: 1, behaviour: "early", end })).lost
  }
  console.log(`git, kill -9: the planted fault lost ${lost} records within ${cycles} cycles`)
  expect(lost).toBeGreaterThan(0)
})
