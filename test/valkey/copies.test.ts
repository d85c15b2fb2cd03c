import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createMemoryLog, type Log } from "@bellmouth/log"
import { openFsLog } from "@bellmouth/log-fs"
import { openGitLog } from "@bellmouth/log-git"
import { fromIovalkey, openValkeyLog } from "@bellmouth/log-valkey"
import { Redis } from "iovalkey"
import { expect, test } from "vitest"
import { hasServer, startServer } from "./server.ts"

test.skipIf(!(await hasServer()))(
  "a log copied from memory to disk to git to Valkey to memory has equal offsets and bytes at every step",
  async () => {
    await using server = await startServer()
    const directory = await mkdtemp(join(tmpdir(), "bellmouth-copies-"))
    const { host, port } = server
    const client = fromIovalkey(new Redis({ host, port, lazyConnect: true }))
    const logs = [
      createMemoryLog(),
      await openFsLog(join(directory, "fs"), { level: "process", segmentBytes: 5_000 }),
      await openGitLog(join(directory, "git"), "copy", { level: "process" }),
      await openValkeyLog(client, "copy"),
      createMemoryLog(),
    ]
    const [first] = logs
    const writer = (first ?? expect.fail("no log")).writable().getWriter()
    for (let n = 0; n < 500; n++) await writer.write(record(n))
    await writer.write([record(501), new Uint8Array(100_000).fill(10), record(502)])
    await writer.close()
    const wanted = await entries(first ?? expect.fail("no log"))
    expect(wanted.length).toBe(503)
    for (let n = 1; n < logs.length; n++) {
      const [from, to] = [logs[n - 1], logs[n]]
      if (from === undefined || to === undefined) expect.fail("no log")
      for await (const ack of from.replay().pipeThrough(to.append())) expect(ack.count).toBe(1)
      expect(await entries(to)).toEqual(wanted)
    }
    await Promise.all(logs.map((log) => log.close()))
    await rm(directory, { recursive: true })
  },
)

/** Records of every length up to some, with every byte. */
function record(n: number): Uint8Array {
  return Uint8Array.from({ length: n % 97 }, (_, at) => (n * 31 + at * 7) % 256)
}

async function entries(log: Log): Promise<string[]> {
  const seen: string[] = []
  for await (const { offset, data } of log.replay()) {
    seen.push(`${offset}:${Buffer.from(data).toString("hex")}`)
  }
  return seen
}
