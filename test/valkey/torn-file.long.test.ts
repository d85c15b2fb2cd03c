import { cpSync, readdirSync, rmSync, statSync, truncateSync } from "node:fs"
import { join } from "node:path"
import type { Producer } from "@bellmouth/log"
import { fromIovalkey, openValkeyLog, type ValkeyLog } from "@bellmouth/log-valkey"
import { Redis } from "iovalkey"
import { describe, expect, test } from "vitest"
import { hasServer, type Server, startServer } from "./server.ts"

const ALWAYS = { appendonly: "yes", appendfsync: "always" }
const BY_ITSELF = { ...ALWAYS, "aof-load-truncated": "yes" }
/** How many bytes lie between two cuts, and how far from an end of a commit there are some. */
const STEP = 7
const NEAR = 400

describe.skipIf(!(await hasServer()))("a file that ends anywhere in the last two commits", () => {
  for (const [way, size, settings] of [
    ["mended by the tool, written by the script", 10, ALWAYS],
    ["mended by the tool, written by a transaction", 70_000, ALWAYS],
    ["cut by the server itself", 10, BY_ITSELF],
    ["cut by the server itself, large", 70_000, BY_ITSELF],
  ] as const) {
    test(`has whole commits, and what comes next stays: ${way}`, {
      timeout: 300_000,
    }, async () => {
      await using server = await startServer({ settings })
      const ends: number[] = []
      const texts = ["zero", "one", "two", "three"]
      await using writer = await open(server)
      for (const [sequence, text] of texts.entries()) {
        await append(writer, text.padEnd(size), sequence)
        ends.push(statSync(lastFile(server)).size)
      }
      const stats = await server.admin.info("commandstats")
      expect(/cmdstat_rename/.test(stats)).toBe(size > 65_536 && settings === ALWAYS)
      await server.kill()
      const [files, saved] = [filesOf(server), join(server.folder, "saved")]
      cpSync(files, saved, { recursive: true })
      const restore = (): void => {
        rmSync(files, { recursive: true })
        cpSync(saved, files, { recursive: true })
      }
      const seen = new Set<number>()
      const cuts = cutsOf(ends.slice(-3))
      for (const [index, cut] of cuts.entries()) {
        const isOpenBefore = index % 8 === 0
        restore()
        if (isOpenBefore) await server.start()
        const before = isOpenBefore ? await open(server) : undefined
        if (isOpenBefore) await server.kill()
        restore()
        truncateSync(lastFile(server), cut)
        await server.start()
        const tail = ends.findLastIndex((end) => end <= cut) + 1
        await using log = before ?? (await open(server))
        expect(Number(await log.tail()), `cut at ${cut}`).toBe(tail)
        await append(log, "new", tail)
        await server.kill()
        await server.start()
        expect(await records(log), `cut at ${cut}`).toEqual([...texts.slice(0, tail), "new"])
        await server.kill()
        seen.add(tail)
      }
      expect(seen).toEqual(new Set([2, 3, 4]))
      expect(cuts.length).toBeGreaterThan(50)
    })
  }
})

/** Positions from the first to the last of the ends, both included: of a long commit, those near its ends. */
function cutsOf(ends: readonly number[]): number[] {
  const [first = 0, last = 0] = [ends[0], ends.at(-1)]
  const isNear = (at: number): boolean => ends.some((end) => Math.abs(end - at) <= NEAR)
  const between = Array.from({ length: last - first }, (_, n) => first + n)
  return [...between.filter((at) => isNear(at) && (at - first) % STEP === 0), last]
}

async function append(log: ValkeyLog, text: string, sequence: number): Promise<void> {
  const producer: Producer = { id: "till", epoch: 0, sequence }
  const { readable, writable } = log.append({ producer })
  const writer = writable.getWriter()
  void writer.write(new TextEncoder().encode(text))
  const { value } = await readable.getReader().read()
  expect(value).toEqual({ offset: sequence, count: 1, level: "disk" })
}

async function records(log: ValkeyLog): Promise<string[]> {
  const texts: string[] = []
  for await (const { data } of log.replay()) texts.push(new TextDecoder().decode(data).trimEnd())
  return texts
}

function open({ host, port }: Server): Promise<ValkeyLog> {
  return openValkeyLog(fromIovalkey(new Redis({ host, port, lazyConnect: true })), "torn")
}

function filesOf({ folder }: Server): string {
  return join(folder, "appendonlydir")
}

function lastFile(server: Server): string {
  const name = readdirSync(filesOf(server)).findLast((each) => each.endsWith(".incr.aof"))
  return join(filesOf(server), name ?? expect.fail("no append-only file"))
}
