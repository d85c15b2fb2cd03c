import { readdirSync, statSync, truncateSync } from "node:fs"
import { join } from "node:path"
import { fromIovalkey, openValkeyLog, type ValkeyLog } from "@bellmouth/log-valkey"
import { Redis } from "iovalkey"
import { describe, expect, test } from "vitest"
import { hasServer, type Server, startServer } from "./server.ts"

const ALWAYS = { appendonly: "yes", appendfsync: "always" }
/** So large that the end of the file is within it. */
const RECORD_BYTES = 100_000

describe.skipIf(!(await hasServer()))("a server killed while it wrote a transaction", () => {
  test("has none of it, once its file was mended", async () => {
    expect(await recordsAfterTornFile(ALWAYS)).toEqual(["zero", "one", "three"])
  })

  test("is given no transaction, when it mends its file by itself", async () => {
    const settings = { ...ALWAYS, "aof-load-truncated": "yes" }
    expect(await recordsAfterTornFile(settings)).toEqual(["zero", "one", "three"])
  })
})

/** The last of three records lacks its end in the server's file; then there is another. */
async function recordsAfterTornFile(settings: Readonly<Record<string, string>>): Promise<string[]> {
  await using server = await startServer({ settings })
  await appendAll(server, ["zero", "one", "two"])
  await server.kill()
  const file = lastFile(server)
  truncateSync(file, statSync(file).size - RECORD_BYTES / 2)
  await server.start()
  await appendAll(server, ["three"])
  await server.kill()
  await server.start()
  await using log = await open(server)
  const records: string[] = []
  for await (const { data } of log.replay()) {
    records.push(new TextDecoder().decode(data).trimEnd())
  }
  return records
}

async function appendAll(server: Server, texts: readonly string[]): Promise<void> {
  await using log = await open(server)
  const { readable, writable } = log.append()
  const [writer, acks] = [writable.getWriter(), readable.getReader()]
  for (const text of texts) {
    void writer.write(new TextEncoder().encode(text.padEnd(RECORD_BYTES)))
    expect((await acks.read()).value).toMatchObject({ level: "disk" })
  }
  await writer.close()
}

function open({ host, port }: Server): Promise<ValkeyLog> {
  return openValkeyLog(fromIovalkey(new Redis({ host, port, lazyConnect: true })), "torn")
}

function lastFile({ folder }: Server): string {
  const files = join(folder, "appendonlydir")
  const name = readdirSync(files).findLast((each) => each.endsWith(".incr.aof"))
  return join(files, name ?? expect.fail("no append-only file"))
}
