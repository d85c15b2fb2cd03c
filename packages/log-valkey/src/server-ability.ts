import { toPairs } from "./client/reply.ts"
import type { Command } from "./client/wire.ts"
import type { LogPlace } from "./log-place.ts"
import { answered, makeFileWhole } from "./nodes/whole-file.ts"

/** What the server of a log does for what is written. */
export interface ServerAbility {
  /** Whether it says on demand what is on disk: `WAITAOF`, with an append-only file. */
  readonly hasWait: boolean
  /** Whether every write is on disk before it is answered: `appendfsync always`. */
  readonly isAlways: boolean
  /** False when its append-only file may hold what a crash has torn, and the server does not rewrite it. */
  readonly isWhole: boolean
  /**
   * Whether it takes transactions, and keeps them whole: a proxy before it, or its access list, may not take
   * them, and a server that mends its append-only file by itself brings one back by half.
   */
  readonly hasTransactions: boolean
}

/**
 * Asks the server that holds a log. One that keeps its configuration to itself is known by `WAITAOF` alone.
 *
 * @param wantsWhole - Whether its append-only file is to be made whole, when that takes a rewrite.
 */
export async function readAbility(place: LogPlace, wantsWhole: boolean): Promise<ServerAbility> {
  const way = { type: "write" } as const
  const wait = await answered(place.send(["WAITAOF", "1", "0", "1"], way))
  const settings = await Promise.all(
    ["appendonly", "appendfsync", "aof-load-truncated"].map(async (name) => {
      const reply = await answered(place.send(["CONFIG", "GET", name], way))
      return reply === undefined ? "" : toPairs(reply)[0]?.[1]
    }),
  )
  const [appendOnly, sync, mendsItself] = settings
  const hasFile = wait !== undefined || appendOnly === "yes"
  const ask = (command: Command): Promise<unknown> => place.send(command, way)
  const isWhole = !hasFile || !wantsWhole || (await makeFileWhole(ask, place.timeoutMs))
  const transaction = await place.router.attempt(place.keys.records, [["MULTI"], ["EXEC"]], way)
  const executed = transaction.at(-1)
  const isTaken = executed !== undefined && "reply" in executed && Array.isArray(executed.reply)
  return {
    hasWait: wait !== undefined,
    isAlways: appendOnly === "yes" && sync === "always",
    isWhole,
    hasTransactions: isTaken && (appendOnly === "no" || mendsItself === "no"),
  }
}
