import { chmodSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { toOffset } from "@bellmouth/log"
import { expect, test } from "vitest"
import { git, testFolder } from "../../testing/git.ts"
import { appendEach, numbered, texts } from "../../testing/records.ts"
import { openGitLog } from "../open-git-log.ts"

const folder = testFolder()
const options = { level: "process" } as const

/** A log of 300 commits, and the file that holds the object of the one at offset 100. */
async function damagedLog(isPacked: boolean): Promise<{ at: string; bad: string }> {
  const at = mkdtempSync(join(folder, "repository-"))
  const log = await openGitLog(at, "damaged", options)
  await appendEach(log, numbered(0, 300))
  if (isPacked) await log.maintain()
  await log.close()
  const bad = git(at, "rev-list", "--reverse", log.ref).trim().split("\n")[101] ?? ""
  const packs = join(at, "objects/pack")
  const pack = readdirSync(packs).find((name) => name.endsWith(".pack")) ?? ""
  const path = isPacked ? join(packs, pack) : join(at, "objects", bad.slice(0, 2), bad.slice(2))
  const bytes = readFileSync(path)
  let where = bytes.length - 12
  if (isPacked) {
    const index = join(packs, pack.replace(/pack$/, "idx"))
    const row = git(at, "verify-pack", "-v", index)
      .split("\n")
      .find((line) => line.startsWith(bad))
    const [, , , size, offset] = (row ?? "").split(/ +/)
    where = Number(offset) + Number(size) - 12
  }
  bytes[where] = 0xff ^ (bytes[where] ?? 0)
  chmodSync(path, 0o644)
  writeFileSync(path, bytes)
  return { at, bad }
}

test.each([
  ["loose", false],
  ["packed", true],
])(
  "a damaged %s object is CORRUPT with its name, and harms no replay that does not need it",
  async (_, isPacked) => {
    const { at, bad } = await damagedLog(isPacked)
    await using log = await openGitLog(at, "damaged", options)
    const read = (from: number): Promise<string[]> => texts(log, { from: toOffset(from) })
    const all = await Promise.allSettled([read(0), read(200), read(50), read(101), read(290)])
    const failed = all.filter((each) => each.status === "rejected")
    expect(failed.length).toBe(2)
    for (const { reason } of failed) expect(reason).toMatchObject({ code: "CORRUPT", path: bad })
    const read2 = all.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []))
    expect(read2).toEqual([numbered(200, 300), numbered(101, 300), numbered(290, 300)])
    await appendEach(log, ["after"])
    expect(await read(299)).toEqual([...numbered(299, 300), "after"])
  },
)
