import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type AppendInput, createMemoryLog, type Log } from "@bellmouth/log"
import { openFsLog } from "@bellmouth/log-fs"
import { openGitLog } from "@bellmouth/log-git"
import { afterAll, expect, test } from "vitest"

const folder = mkdtempSync(join(tmpdir(), "bellmouth-copies-"))
afterAll(() => rmSync(folder, { recursive: true }))

const chunks: readonly AppendInput[] = Array.from({ length: 300 }, (_, n) => {
  const record = Buffer.from(Array.from({ length: (n * 7) % 90 }, (_, at) => (n * at * 31) % 256))
  if (n % 50 === 49) return Buffer.alloc(70_000, n)
  return n % 4 === 0 ? [record, Buffer.from(`{"n":${n}}`), Buffer.alloc(0)] : record
})

/** All that a replay gives, as one text. */
async function contentOf(log: Log): Promise<string[]> {
  return Array.fromAsync(
    log.replay(),
    ({ offset, data }) => `${offset}:${Buffer.from(data).toString("base64")}`,
  )
}

test("a log copied from disk to git to memory has the same offsets and the same bytes", async () => {
  await using files = await openFsLog(join(folder, "fs"), { level: "process" })
  await using git = await openGitLog(join(folder, "git"), "copy", { level: "process" })
  await using memory = createMemoryLog()
  const writer = files.writable().getWriter()
  for (const chunk of chunks) await writer.write(chunk)
  await writer.close()
  const wanted = await contentOf(files)
  expect(wanted.length).toBe(450)
  for (const [from, to] of [
    [files, git],
    [git, memory],
  ] as const) {
    const acks = await Array.fromAsync(from.replay().pipeThrough(to.append()))
    expect(acks.map(({ offset }) => offset)).toEqual(wanted.map((_, n) => n))
    expect(await contentOf(to)).toEqual(wanted)
  }
})
