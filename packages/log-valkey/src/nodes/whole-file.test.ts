import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import type { ValkeyArgument } from "../client/valkey-client.ts"
import { makeFileWhole } from "./whole-file.ts"

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A server that cuts its file by itself, with what `INFO` says at each look; the last goes on. */
function server(looks: readonly string[], refused: readonly string[] = []) {
  const asked: string[] = []
  let look = 0
  const ask = async ([name]: readonly ValkeyArgument[]): Promise<unknown> => {
    asked.push(String(name))
    if (refused.includes(String(name))) throw new Error("NOPERM this user may not")
    if (name === "CONFIG") return ["aof-load-truncated", "yes"]
    if (name === "INFO") return `# Persistence\r\n${looks[Math.min(look++, looks.length - 1)]}\r\n`
    return "Background append only file rewriting started"
  }
  return { ask, asked }
}

async function whole(ask: Parameters<typeof makeFileWhole>[0]): Promise<unknown> {
  const made = makeFileWhole(ask, 1000).catch(String)
  await vi.advanceTimersByTimeAsync(2000)
  return made
}

const info = (time: number, underWay: number, status = "ok", scheduled = 0): string =>
  `aof_enabled:1\r\naof_rewrite_in_progress:${underWay}\r\naof_rewrite_scheduled:${scheduled}\r\naof_last_rewrite_time_sec:${time}\r\naof_last_bgrewrite_status:${status}`

describe("a server that cuts its file by itself", () => {
  test("is asked for one rewrite, which is waited for", async () => {
    const { ask, asked } = server([info(-1, 0), info(-1, 0, "ok", 1), info(-1, 1), info(0, 0)])
    expect(await whole(ask)).toBe(true)
    expect(asked).toEqual(["CONFIG", "INFO", "BGREWRITEAOF", "INFO", "INFO", "INFO"])
  })

  test("is asked for none when there was one, when one is under way, or without a file", async () => {
    for (const looks of [
      [info(3, 0)],
      [info(3, 1)],
      [info(-1, 1), info(1, 0)],
      ["aof_enabled:0"],
    ]) {
      const { ask, asked } = server(looks)
      expect(await whole(ask)).toBe(true)
      expect(asked).not.toContain("BGREWRITEAOF")
    }
  })

  test("is not whole when it does not say, does not rewrite, or fails to", async () => {
    expect(await whole(server([info(-1, 0)], ["INFO"]).ask)).toBe(false)
    expect(await whole(server([info(-1, 0)], ["BGREWRITEAOF"]).ask)).toBe(false)
    expect(await whole(server([info(-1, 0), info(0, 0, "err")]).ask)).toBe(false)
    expect(await whole(server([info(3, 0)], ["CONFIG"]).ask)).toBe(true)
  })

  test("that failed once is asked anew", async () => {
    const { ask, asked } = server([info(0, 0, "err"), info(0, 1, "err"), info(0, 0)])
    expect(await whole(ask)).toBe(true)
    expect(asked).toContain("BGREWRITEAOF")
  })

  test("is given up when it takes too long, or is lost", async () => {
    expect(await whole(server([info(-1, 1)]).ask)).toMatch(
      /still rewrites .* aof-load-truncated no/,
    )
    const lost = async (): Promise<never> => Promise.reject(new Error("the connection was lost"))
    expect(await whole(lost)).toBe("Error: the connection was lost")
  })
})
