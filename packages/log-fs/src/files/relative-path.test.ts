import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join, relative } from "node:path"
import process from "node:process"
import { toOffset } from "@bellmouth/log"
import { expect, onTestFinished, test, vi } from "vitest"
import { createFsSnapshotStore } from "../fs-snapshot-store.ts"
import { openFsLog } from "../open-fs-log.ts"

test("a log, its fork and its snapshots stay where they are when the process goes elsewhere", async () => {
  const root = await realpath(await mkdtemp(join(tmpdir(), "bellmouth-relative-")))
  onTestFinished(() => rm(root, { recursive: true }))
  await mkdir(join(root, "a"))
  // A test that runs in a thread can not go anywhere.
  const place = vi.spyOn(process, "cwd").mockReturnValue(join(root, "a"))
  onTestFinished(() => place.mockRestore())
  const log = await openFsLog("log", { segmentBytes: 100 })
  const reader = await openFsLog("log", { mode: "read" })
  const fork = await log.fork(toOffset(0), "fork")
  const store = createFsSnapshotStore<string>("snapshots", {
    encode: (state) => new TextEncoder().encode(state),
    decode: (bytes) => new TextDecoder().decode(bytes),
  })
  place.mockReturnValue(root)
  for (const each of [log, fork]) {
    for (let n = 0; n < 3; n++) {
      const writer = each.writable().getWriter()
      void writer.write(new Uint8Array(50))
      await writer.close()
    }
  }
  await store.save({ log: log.id, offset: toOffset(3), state: "three" })
  expect([await reader.tail(), await fork.tail()]).toEqual([3, 3])
  expect(await store.load()).toMatchObject({ offset: 3 })
  expect([log.directory, store.directory].map((each) => relative(root, each))).toEqual([
    join("a", "log"),
    join("a", "snapshots"),
  ])
  await Promise.all([log, fork, reader].map((each) => each.close()))
})
