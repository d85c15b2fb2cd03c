import assert from "node:assert/strict"
import { setTimeout as pause } from "node:timers/promises"
import { toArray } from "@bellmouth/core"
import { type Channel, MuxError, type Session } from "@bellmouth/mux"
import { type Call, encodeCall } from "./call.ts"

type Check = (session: Session) => Promise<void>

const MANY = 50

/** What the methods of the other side must do, by name. */
export const CHECKS: readonly (readonly [name: string, check: Check])[] = [
  ["echo", checkEcho],
  ["slow", checkSlow],
  ["many", checkMany],
  ["count", checkCount],
  ["sink", checkSink],
  ["fail", checkFail],
  ["hold", checkHold],
  ["requests", checkRequests],
]

function open(session: Session, call: Partial<Call>): Channel {
  return session.open(encodeCall(call))
}

async function writeAll({ writable }: Channel, items: readonly Uint8Array[]): Promise<void> {
  const writer = writable.getWriter()
  for (const item of items) await writer.write(item.slice())
  await writer.close()
}

async function echoed(
  session: Session,
  items: readonly Uint8Array[],
  call: Partial<Call>,
): Promise<void> {
  const channel = open(session, call)
  const [back] = await Promise.all([toArray(channel.readable), writeAll(channel, items)])
  assert.equal(back.length, items.length)
  for (const [at, item] of items.entries()) {
    assert(Buffer.from(item).equals(back[at] ?? new Uint8Array()), `Item ${at} came back changed`)
  }
}

async function checkEcho(session: Session): Promise<void> {
  const items = [new Uint8Array(), new Uint8Array([1]), pattern(256_000), pattern(300_000)]
  await echoed(session, items, { method: "echo" })
}

async function checkSlow(session: Session): Promise<void> {
  const items = [1, 2, 3, 4, 5].map((byte) => new Uint8Array([byte]))
  await echoed(session, items, { method: "slow", ms: 5 })
}

async function checkMany(session: Session): Promise<void> {
  const sizes = [1, 1000, 100_000]
  const one = (n: number): Promise<void> =>
    echoed(
      session,
      sizes.map((size) => new Uint8Array(size).fill(n)),
      { method: "echo" },
    )
  await Promise.all(Array.from({ length: MANY }, (_, n) => one(n)))
}

async function checkCount(session: Session): Promise<void> {
  const channel = open(session, { method: "count", n: 3000, size: 1000 })
  const [items] = await Promise.all([toArray(channel.readable), channel.writable.close()])
  assert.equal(items.length, 3000)
  for (const [at, item] of items.entries()) {
    assert.equal(item.byteLength, 1000)
    assert(item.every((byte) => byte === (at & 255)))
  }
}

async function checkSink(session: Session): Promise<void> {
  const channel = open(session, { method: "sink" })
  const items = Array.from({ length: 40 }, () => new Uint8Array(50_000))
  const [answer] = await Promise.all([toArray(channel.readable), writeAll(channel, items)])
  assert.equal(Buffer.concat(answer).toString(), "40 2000000")
}

async function checkFail(session: Session): Promise<void> {
  const channel = open(session, { method: "fail", after: 3, code: 300 })
  await channel.writable.close()
  const reader = channel.readable.getReader()
  for (const byte of [0, 1, 2])
    assert.deepEqual((await reader.read()).value, new Uint8Array([byte]))
  await assert.rejects(reader.read(), { wireCode: 300 })
}

async function checkHold(session: Session): Promise<void> {
  const channel = open(session, { method: "hold" })
  const writer = channel.writable.getWriter()
  let blocked = true
  const writing = (async () => {
    for (let at = 0; at < 20; at++) await writer.write(new Uint8Array(50_000))
    blocked = false
  })()
  await session.request(encodeCall({ method: "echo" }))
  assert(blocked, "A reader that holds let 1 MB pass")
  await channel.readable.cancel(new MuxError("CANCELLED", "Nobody wants the rest"))
  const failed = assert.rejects(writing)
  await writer.abort(new MuxError("CANCELLED", "Nobody sends the rest"))
  await failed
}

async function checkRequests(session: Session): Promise<void> {
  // Longer than a frame: it goes in pieces, there and back.
  const long = new TextEncoder().encode(
    JSON.stringify({ method: "echo", pad: "x".repeat(400_000) }),
  )
  assert.deepEqual(await session.request(long.slice()), long)
  const bodies = Array.from({ length: 200 }, (_, n) => encodeCall({ method: "echo", n }))
  for (let at = 0; at < bodies.length; at += MANY) {
    const some = bodies.slice(at, at + MANY)
    const replies = await Promise.all(some.map((body) => session.request(body.slice())))
    assert.deepEqual(replies, some)
  }
  const failing = encodeCall({ method: "fail", code: 301 })
  await assert.rejects(session.request(failing), { wireCode: 301 })
  const unknown = encodeCall({ method: "toString" })
  await assert.rejects(session.request(unknown), { code: "UNKNOWN_METHOD" })
}

/** Puts every method of the other side to the test; gives the names of the checks that held. */
export async function driveMethods(session: Session): Promise<string[]> {
  const held: string[] = []
  for (const [name, check] of CHECKS) {
    const late = new AbortController()
    const limit = pause(30_000, undefined, { signal: late.signal, ref: false }).then(
      () => assert.fail(`${name} takes over 30 s`),
      () => {},
    )
    await Promise.race([check(session), limit])
    late.abort()
    held.push(name)
  }
  return held
}

function pattern(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, at) => at & 255)
}
