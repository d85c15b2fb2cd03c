import { replyCode, toPairs, toText } from "../client/reply.ts"
import type { Command } from "../client/wire.ts"

const PAUSE_MS = 20

/** Sends one command to the server that is meant. */
export type Ask = (command: Command) => Promise<unknown>

/**
 * Makes sure that nothing of a torn transaction is left in a server's append-only file, before anything is built on
 * it: a server that cuts its file by itself when it starts may have left the begin of one, which the next
 * transaction would end. A rewrite since then has made the file anew from what the server holds.
 *
 * Gives false when the server does not say, or does not rewrite when it is asked.
 *
 * @throws {Error} when the rewrite takes longer than `timeoutMs`.
 */
export async function makeFileWhole(ask: Ask, timeoutMs: number): Promise<boolean> {
  const settings = await answered(ask(["CONFIG", "GET", "aof-load-truncated"]))
  if (settings !== undefined && toPairs(settings)[0]?.[1] === "no") return true
  const deadline = performance.now() + timeoutMs
  for (let isAsked = false; ; ) {
    const info = await answered(ask(["INFO", "persistence"]))
    if (info === undefined) return false
    const field = toFields(toText(info))
    if (field("aof_enabled") === "0") return true
    const isGood = field("aof_last_bgrewrite_status") === "ok"
    if (isGood && Number(field("aof_last_rewrite_time_sec")) >= 0) return true
    const isUnderWay = field("aof_rewrite_in_progress") === "1"
    if (!isUnderWay && field("aof_rewrite_scheduled") !== "1") {
      if (isAsked && !isGood) return false
      const reply = await answered(ask(["BGREWRITEAOF"]))
      if (reply === undefined) return false
      isAsked = true
    }
    if (performance.now() >= deadline) {
      throw new Error(
        "the server still rewrites its append-only file, which it may have cut within a transaction when it started; try again, or set aof-load-truncated no",
      )
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
}

/** The reply, or undefined when the server refuses the command. */
export async function answered(request: Promise<unknown>): Promise<unknown> {
  try {
    return await request
  } catch (error) {
    if (replyCode(error) === undefined) throw error
    return undefined
  }
}

/** What the lines `name:value` of a server's `INFO` say. */
function toFields(info: string): (name: string) => string | undefined {
  const lines = info.split("\r\n")
  return (name) => lines.find((line) => line.startsWith(`${name}:`))?.slice(name.length + 1)
}
