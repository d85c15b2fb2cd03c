import { execFile } from "node:child_process"
import { open, readdir } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"
import { crc32 } from "node:zlib"
import type { FsLog } from "@bellmouth/log-fs"
import { openFsLog } from "@bellmouth/log-fs"
import type { Row } from "../harness/row.ts"
import { bestInTurn } from "./best-in-turn.ts"
import { fill } from "./fill.ts"

const run = promisify(execFile)
const LARGE_BYTES = 1_000_000_000
const SMALL_BYTES = 10_000_000
const CHUNK = 1_048_576
const RECORD = new Uint8Array(99).fill(0x61)

/** A log of 1 GB: its replay, what it takes to open it, and memory. */
export async function* largeCases(folder: string): AsyncGenerator<Row> {
  const large = await makeLog(join(folder, "large"), LARGE_BYTES)
  const small = await makeLog(join(folder, "small"), SMALL_BYTES)
  const heldMB = await memoryOf(large)
  const paths = await segments(large)
  const log = await openFsLog(large, { mode: "read" })
  const ways = [
    () => bareLoop(paths, false),
    () => asBytes(log, true),
    () => bareLoop(paths, true),
    () => asBytes(log, false),
  ]
  const [bare = 0, lent = 0, fresh = 0, given = 0] = await bestInTurn(ways, LARGE_BYTES, 5)
  await log.close()
  const loop = "against a bare 1 MiB read loop with one CRC pass"
  const ratio = (name: string, value: number): Row => {
    return { name, value, unit: "x", floor: 0.7, aim: 1 }
  }
  yield ratio(`replay of 1 GB as NDJSON bytes, verified: ${loop}`, bare / lent)
  yield ratio(
    "replay of 1 GB as bytes to keep: the same loop, a new buffer each time",
    fresh / given,
  )
  const [largeOpen = 0, smallOpen = 0] = await bestInTurn(
    [() => reopen(large), () => reopen(small)],
    0,
    9,
  )
  const name = "open of a log of 1 GB: of one of 10 MB"
  yield { name, value: largeOpen / smallOpen, unit: "of", floor: 3, aim: 1 }
  yield {
    name: "memory for a replay of 1 GB with three stalled readers",
    value: heldMB,
    unit: "MB",
    floor: 32,
  }
}

async function makeLog(directory: string, bytes: number): Promise<string> {
  await using log = await openFsLog(directory, { level: "process" })
  await fill(log, [RECORD], bytes / (RECORD.length + 1))
  return directory
}

async function reopen(directory: string): Promise<number> {
  const log = await openFsLog(directory)
  await log.close()
  return 1
}

/** What a replay with three stalled readers adds to a process that does nothing else, in MB. */
async function memoryOf(directory: string): Promise<number> {
  const script = new URL("memory-main.ts", import.meta.url).pathname
  const { stdout } = await run(process.execPath, ["--expose-gc", script, directory])
  const { seen, bytes }: { seen: number; bytes: number } = JSON.parse(stdout)
  if (seen < LARGE_BYTES) throw new Error(`Cannot measure: a replay saw ${seen} bytes`)
  return bytes / 2 ** 20
}

async function segments(directory: string): Promise<string[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith(".log")).sort()
  return names.map((name) => join(directory, name))
}

async function bareLoop(paths: readonly string[], isFresh: boolean): Promise<number> {
  let buffer: Uint8Array = Buffer.allocUnsafeSlow(CHUNK)
  let [seen, sum] = [0, 0]
  for (const path of paths) {
    const file = await open(path)
    for (;;) {
      if (isFresh) buffer = Buffer.allocUnsafeSlow(CHUNK)
      const { bytesRead } = await file.read(buffer, 0, CHUNK)
      if (bytesRead === 0) break
      sum = crc32(buffer.subarray(0, bytesRead), sum)
      seen += bytesRead
    }
    await file.close()
  }
  return sum === 0 ? 0 : seen
}

async function asBytes(log: FsLog, lend: boolean): Promise<number> {
  let seen = 0
  for await (const { bytes } of log.replayBatches({ lend })) seen += bytes.length
  return seen
}
