import { expect, test } from "vitest"
import { runIn } from "../../scripts/run-in.ts"

test.each(["node-22", "node-24", "node-26", "deno", "bun"])(
  "The server of %s serves a log to its end, and feels its clients stall and leave",
  async (runtime) => {
    const file = "test/native-servers/serve-log.ts"
    const { code, values, output } = await runIn(file, runtime, { timeoutMs: 30_000 })
    expect(values, output).toEqual([
      ["a whole body", "one\ntwo\n"],
      ["the end, by HEAD", ".2"],
      ["a heartbeat behind the events", true],
      ["an idle replay ends when its client leaves", true],
      ["a client that does not read stops the replay within MB", true],
      ["a stalled replay ends when its client leaves", true],
      ["complaints of clients that leave", []],
      ["a broken body passes for a whole one", false],
      ["what the client reads", ["one", "two"]],
    ])
    expect(code, output).toBe(0)
  },
)
