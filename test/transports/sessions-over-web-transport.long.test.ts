import { expect, test } from "vitest"
import { runIn } from "../../scripts/run-in.ts"
import { selfSigned } from "./self-signed.ts"
import type { Claimed } from "./session-claims.ts"

test("A stream of WebTransport is a transport as it is", async () => {
  const { certificate, key, hash } = selfSigned(Date.now())
  const { code, values, output } = await runIn(
    "test/transports/sessions-over-web-transport.ts",
    "deno",
    { args: [certificate, key, hash], timeoutMs: 60_000 },
  )
  const results = values as readonly Claimed[]
  expect(results.filter(({ error }) => error !== "")).toEqual([])
  expect(code, output).toBe(0)
  expect(results).toHaveLength(6)
})
