import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { openFsLog } from "@bellmouth/log-fs"
import { expect, onTestFinished, test } from "vitest"
import { sweepLogs } from "../demo/sweep-logs.ts"

test("logs that killed demos have left go, and nothing else", async () => {
  const folder = await mkdtemp(join(tmpdir(), "bellmouth-sweep-"))
  onTestFinished(() => rm(folder, { recursive: true }))
  const running = await openFsLog(join(folder, "demo-log-running"))
  await (await openFsLog(join(folder, "demo-log-closed"))).close()
  await (await openFsLog(join(folder, "demo-log-damaged"))).close()
  await writeFile(join(folder, "demo-log-damaged", "00000000000000000000.log"), "")
  await (await openFsLog(join(folder, "another-log"))).close()
  await mkdir(join(folder, "demo-log-just-made"))
  await writeFile(join(folder, "demo-log-notes"), "")

  await sweepLogs(folder, "demo-log-")
  const kept = ["another-log", "demo-log-just-made", "demo-log-notes", "demo-log-running"]
  expect((await readdir(folder)).sort()).toEqual(kept)
  expect(await running.tail()).toBe(0)
  await running.close()
})
