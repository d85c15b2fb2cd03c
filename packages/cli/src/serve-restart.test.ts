import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { openLogStream } from "@bellmouth/http"
import { openFsLog } from "@bellmouth/log-fs"
import { expect, onTestFinished, test } from "vitest"

const bin = fileURLToPath(new URL("../bin/bellmouth.js", import.meta.url))

async function startServer(log: string, port: number) {
  const child: ChildProcess = spawn(process.execPath, [bin, "serve", log, "--port", String(port)], {
    stdio: ["ignore", "ignore", "pipe"],
  })
  onTestFinished(() => void child.kill("SIGKILL"))
  let said = ""
  child.stderr?.setEncoding("utf8")
  for await (const text of child.stderr ?? []) {
    said += text
    const [, found] = /127\.0\.0\.1:([0-9]+)/.exec(said) ?? []
    if (found !== undefined) return { child, port: Number(found) }
  }
  throw new Error(`The server ended: ${said}`)
}

test("a client goes on without a gap over servers that are killed, while the log grows", async () => {
  const folder = await mkdtemp(join(tmpdir(), "bellmouth-serve-"))
  onTestFinished(() => rm(folder, { recursive: true }))
  const path = join(folder, "log")
  await using log = await openFsLog(path)
  const writer = log.writable().getWriter()
  let written = 0
  const write = async (count: number): Promise<void> => {
    for (let record = 0; record < count; record++) {
      await writer.write(new TextEncoder().encode(`{"n":${written++}}`))
    }
  }

  await write(100)
  let server = await startServer(path, 0)
  let reconnects = 0
  const reader = openLogStream(`http://127.0.0.1:${server.port}/events`, {
    retryMs: 20,
    maxRetryMs: 100,
    onReconnect: () => reconnects++,
  }).getReader()
  let read = 0
  const readUpTo = async (count: number): Promise<void> => {
    for (; read < count; read++) {
      const { value } = await reader.read()
      const text = new TextDecoder().decode(value?.data)
      expect([value?.offset, text]).toEqual([read, `{"n":${read}}`])
    }
  }
  for (let kill = 0; kill < 3; kill++) {
    await readUpTo(written - 50)
    const closed = once(server.child, "close")
    server.child.kill("SIGKILL")
    await closed
    await write(100)
    server = await startServer(path, server.port)
    await write(100)
    await readUpTo(written)
  }
  expect([read, reconnects >= 3]).toEqual([700, true])
  await reader.cancel()
  await writer.close()
})
