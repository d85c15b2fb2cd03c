import { expect, test } from "vitest"
import { loopbackHosts } from "./loopback-hosts.ts"

const three = ["localhost", "127.0.0.1", "[::1]"]
const known: Readonly<Record<string, string>> = {
  LocalHost: "127.0.0.1",
  "127.1": "127.0.0.1",
  "Desk.example": "127.0.1.1",
  "desk6.example": "::1",
  "127.example.org": "192.0.2.1",
}

async function resolve(hostname: string): Promise<{ address: string }> {
  const address = known[hostname] ?? (/^[0-9a-f.:]+$/.test(hostname) ? hostname : undefined)
  if (address === undefined) throw new Error("ENOTFOUND")
  return { address }
}

test.each([
  ["127.0.0.1", three],
  ["LocalHost", three],
  ["::1", three],
  ["0:0:0:0:0:0:0:1", three],
  ["127.0.0.2", [...three, "127.0.0.2"]],
  ["127.1", three],
  ["Desk.example", [...three, "desk.example"]],
  ["desk6.example", [...three, "desk6.example"]],
  ["::ffff:127.0.0.1", [...three, "[::ffff:7f00:1]"]],
  ["0.0.0.0", undefined],
  ["::", undefined],
  ["192.0.2.1", undefined],
  ["127.example.org", undefined],
  ["no host", undefined],
])("a server on %s may be asked for as %j", async (hostname, hosts) => {
  expect(await loopbackHosts(hostname, resolve)).toEqual(hosts)
})

test("the system's own names are looked up", async () => {
  expect(await loopbackHosts("localhost")).toEqual(three)
})
