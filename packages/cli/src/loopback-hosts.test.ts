import { expect, test } from "vitest"
import { loopbackHosts } from "./loopback-hosts.ts"

const three = ["localhost", "127.0.0.1", "[::1]"]

test.each([
  ["127.0.0.1", three],
  ["LocalHost", three],
  ["::1", three],
  ["0:0:0:0:0:0:0:1", three],
  ["127.0.0.2", [...three, "127.0.0.2"]],
  ["127.1", three],
  ["::ffff:127.0.0.1", [...three, "[::ffff:7f00:1]"]],
  ["0.0.0.0", undefined],
  ["::", undefined],
  ["192.0.2.1", undefined],
  ["127.example.org", undefined],
  ["no host", undefined],
])("a server on %s may be asked for as %j", (hostname, hosts) => {
  expect(loopbackHosts(hostname)).toEqual(hosts)
})
