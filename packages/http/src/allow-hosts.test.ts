import { expect, test } from "vitest"
import { allowHosts } from "./allow-hosts.ts"

const authorize = allowHosts(["localhost", "127.0.0.1", "[::1]"])

test.each([
  ["http://localhost/", true],
  ["http://LOCALHOST:4437/x", true],
  ["http://127.0.0.1:1/", true],
  ["http://127.1/", true],
  ["http://[::1]:4437/", true],
  ["http://localhost.example/", false],
  ["http://localhost@example.com/", false],
  ["http://127.0.0.1.nip.io/", false],
  ["http://127.0.0.2/", false],
  ["http://example.com/localhost", false],
])("a request to %s passes: %s", (url, passes) => {
  expect(authorize({ url } as Request)).toBe(passes)
})
