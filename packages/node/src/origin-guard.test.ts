import { expect, test } from "vitest"
import { originGuard } from "./origin-guard.ts"

const LOOPBACK = "127.0.0.1"
const PUBLIC = "192.0.2.7"
const rules = { origins: ["https://app.example", "http://localhost:5173"] }

test.each([
  // The origins that are allowed, and those that only look like them.
  ["https://app.example", "api.example", PUBLIC, true],
  ["http://localhost:5173", "localhost:4437", LOOPBACK, true],
  [undefined, "api.example", PUBLIC, true],
  ["null", "api.example", PUBLIC, false],
  ["", "api.example", PUBLIC, false],
  ["http://app.example", "api.example", PUBLIC, false],
  ["https://app.example:8443", "api.example", PUBLIC, false],
  ["https://app.example.evil.example", "api.example", PUBLIC, false],
  ["https://evil.example/https://app.example", "api.example", PUBLIC, false],
  ["https://app.example@evil.example", "api.example", PUBLIC, false],
  ["https://app.example, https://evil.example", "api.example", PUBLIC, false],
  ["https://xapp.example", "api.example", PUBLIC, false],
  ["https://app.example.", "api.example", PUBLIC, false],
  ["HTTPS://APP.EXAMPLE", "api.example", PUBLIC, false],
  ["http://localhost:5174", "localhost:4437", LOOPBACK, false],
  // The names of a server that only this machine is to reach.
  [undefined, "localhost", LOOPBACK, true],
  [undefined, "LOCALHOST:80", LOOPBACK, true],
  [undefined, "127.0.0.1:4437", LOOPBACK, true],
  [undefined, "[::1]:4437", "::1", true],
  [undefined, "rebound.evil.example", LOOPBACK, false],
  [undefined, "rebound.evil.example:4437", "::ffff:127.0.0.1", false],
  [undefined, "localhost.evil.example", LOOPBACK, false],
  [undefined, "localhost:4437:80", LOOPBACK, false],
  [undefined, "evil.example:localhost", LOOPBACK, false],
  [undefined, "", LOOPBACK, false],
  [undefined, undefined, LOOPBACK, false],
  [undefined, "10.0.0.1", "127.3.2.1", false],
] as const)("Origin %s asking for %s at %s may connect: %s", (origin, host, localAddress, may) => {
  const guard = originGuard(rules)
  expect(guard({ origin, host, localAddress }) === undefined).toBe(may)
})

test("originGuard lets any page in only when told so, and a null origin never", () => {
  const guard = originGuard({ origins: "*" })
  expect(guard({ origin: "https://any.example", host: "x", localAddress: PUBLIC })).toBeUndefined()
  expect(guard({ origin: "null", host: "x", localAddress: PUBLIC })).toBe("the origin is null")
  const asked = { origin: "https://any.example", host: "evil.example", localAddress: LOOPBACK }
  expect(guard(asked)).toBe("the host is not allowed")
})

test("originGuard knows a server by the names that it is given, and by no other", () => {
  const guard = originGuard({ origins: [], hosts: ["api.example", "dev.example:81"] })
  const ask = (host: string): string | undefined =>
    guard({ origin: undefined, host, localAddress: LOOPBACK })
  expect(["api.example", "API.example:99", "dev.example:81"].map(ask)).toEqual([
    undefined,
    undefined,
    undefined,
  ])
  for (const host of ["localhost", "dev.example", "dev.example:82", "xapi.example"]) {
    expect(ask(host), host).toBe("the host is not allowed")
  }
})

test.each(["app.example", "https://app.example/", "https://app.example/x", "null", "*", ""])(
  "originGuard refuses to allow %s, which no browser sends",
  (origin) => {
    expect(() => originGuard({ origins: [origin] })).toThrow(TypeError)
  },
)
