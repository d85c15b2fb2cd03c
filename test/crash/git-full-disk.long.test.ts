import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { openGitLog } from "@bellmouth/log-git"
import { expect, test } from "vitest"
import { gitFault, readGitReference } from "./git-reference.ts"
import { growMemory, mountMemory } from "./loop-disk.ts"
import { needsMounts } from "./needs.ts"

test.skipIf(!needsMounts)(
  "git: a full disk is WRITE_FAILED, then POISONED; what was acknowledged stays",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "bellmouth-git-full-"))
    const unmount = await mountMemory(folder, "1m")
    try {
      const repository = join(folder, "repository")
      const log = await openGitLog(repository, "full")
      const acked: string[] = []
      const write = async (): Promise<void> => {
        for (;;) {
          const { readable, writable } = log.append()
          const writer = writable.getWriter()
          const text = `record ${acked.length} `.repeat(1 + ((acked.length * 37) % 3_000))
          for (const promise of [writer.closed, writer.write(Buffer.from(text))]) {
            promise.catch(() => {})
          }
          const { value } = await readable.getReader().read()
          expect(value?.offset).toBe(acked.length)
          acked.push(text)
        }
      }
      await expect(write()).rejects.toMatchObject({ code: "WRITE_FAILED" })
      await expect(write()).rejects.toMatchObject({ code: "POISONED" })
      expect(acked.length).toBeGreaterThan(20)
      const texts = async (): Promise<string[]> =>
        Array.fromAsync(log.replay(), ({ data }) => Buffer.from(data).toString())
      expect(await texts()).toEqual(acked)
      await log.close()
      await growMemory(folder, "8m")
      await using again = await openGitLog(repository, "full")
      const writer = again.writable().getWriter()
      void writer.write(Buffer.from("there is room again"))
      await writer.close()
      const records = readGitReference(repository, again.ref).map(String)
      expect(records.slice(0, acked.length)).toEqual(acked)
      // The outcome of the write that failed is unknown: it may be there.
      expect(records.length - acked.length).toBeLessThanOrEqual(2)
      expect(records.at(-1)).toBe("there is room again")
      expect(gitFault(repository)).toBeUndefined()
    } finally {
      await unmount()
      rmSync(folder, { recursive: true })
    }
  },
)
