import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { openGitLog } from "@bellmouth/log-git"
import { afterAll, beforeAll, expect, test } from "vitest"
import { GIT_REF, type GitCounts, gitCycles } from "./git-cycles.ts"
import { readGitReference } from "./git-reference.ts"
import { type LoopDisk, makeLoopDisk } from "./loop-disk.ts"
import { needsMounts } from "./needs.ts"

const CUTS = Number(process.env.GIT_CUTS ?? 30)

let folder = ""
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bellmouth-git-cut-"))
})
afterAll(() => rm(folder, { recursive: true }))

function cuts(
  disk: LoopDisk,
  cycles: number,
  behaviour: "honest" | "unsynced",
): Promise<GitCounts> {
  return gitCycles({
    repository: join(disk.path, "repository"),
    cycles,
    behaviour,
    end: (acknowledged, cycle) =>
      acknowledged < 30 + ((cycle * 37) % 100) ? undefined : disk.cut(),
    restore: () => disk.remount(),
  })
}

test.skipIf(!needsMounts)(
  "ext4: a power cut takes no acknowledged record of a git log",
  {
    timeout: 600_000,
  },
  async () => {
    const disk = await makeLoopDisk(folder, "ext4", { megabytes: 160 })
    try {
      const counts = await cuts(disk, CUTS, "honest")
      console.log("git, power cuts:", JSON.stringify(counts))
      expect(counts).toMatchObject({ cycles: CUTS, lost: 0, changed: 0, damaged: 0, stopped: 0 })
      expect(counts.acknowledged).toBeGreaterThanOrEqual(CUTS * 30)
      const repository = join(disk.path, "repository")
      const records = readGitReference(repository, GIT_REF)
      await using log = await openGitLog(repository, "killed")
      const seen = await Array.fromAsync(log.replay(), ({ data }) => Buffer.from(data))
      expect(seen).toEqual(records)
    } finally {
      await disk.remove()
    }
  },
)

test.skipIf(!needsMounts)("ext4: power cuts show a git log that does not sync", async () => {
  const disk = await makeLoopDisk(folder, "ext4", { megabytes: 64 })
  try {
    const { lost, damaged, stopped } = await cuts(disk, 3, "unsynced")
    console.log("git, power cuts, not synced:", JSON.stringify({ lost, damaged, stopped }))
    expect(lost + damaged + stopped).toBeGreaterThan(0)
  } finally {
    await disk.remove()
  }
})
