import { type PortsController, type Role, toArray } from "@bellmouth/core"
import { expect, test } from "vitest"
import type { Log } from "./log.ts"
import type { Commit, CommitResult } from "./log-backend.ts"
import { logPorts } from "./log-ports.ts"
import { createMemoryLog, MemoryBackend } from "./memory-log.ts"
import { openLog } from "./open-log.ts"
import type { LoggedEvent } from "./replay-feed.ts"
import { createMemorySnapshotStore, type StoredSnapshot } from "./snapshot.ts"

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = ({ data }: LoggedEvent): string => new TextDecoder().decode(data)

/** Gives the sum of the numbers after each, and an err for what is none. */
function adder(sum = 0): Role<LoggedEvent, string, string, number> {
  let state = sum
  return {
    event(event, controller: PortsController<string, string, number>) {
      const number = Number(text(event))
      if (Number.isNaN(number)) return controller.err(text(event))
      state += number
      controller.snapshot(state)
      controller.out(`${event.offset}:${state}${event.isHistory ? "!" : ""}`)
    },
  }
}

async function append(log: Log, ...texts: string[]): Promise<void> {
  const writer = log.writable().getWriter()
  for (const one of texts) await writer.write(bytes(one))
  await writer.close()
}

test("history comes first, then what is written, and close ends all with the last record", async () => {
  const log = createMemoryLog()
  await append(log, "1", "2")
  const ports = await logPorts(log, () => adder())
  const writer = ports.in.getWriter()
  void writer.write(bytes("3"))
  void writer.write([bytes("x"), bytes("4")])
  void writer.close()
  expect(await toArray(ports.out)).toEqual(["0:1!", "1:3!", "2:6", "4:10"])
  expect(await toArray(ports.err)).toEqual(["x"])
  expect(ports.snapshot.latest).toBe(10)
  await ports.closed
  const again = await logPorts(log, () => adder())
  await again.in.close()
  expect(await toArray(again.out)).toEqual(["0:1!", "1:3!", "2:6!", "4:10!"])
})

test("the role sees a record only once it is durable", async () => {
  const gates: (() => void)[] = []
  class Slow extends MemoryBackend {
    override async commit(commit: Commit): Promise<CommitResult> {
      const kept = { ...commit, bytes: commit.bytes.slice() }
      await new Promise<void>((resolve) => gates.push(resolve))
      return super.commit(kept)
    }
  }
  let seen = 0
  const ports = await logPorts<never, never, never>(openLog(new Slow()), () => ({
    event: () => void seen++,
  }))
  const out = toArray(ports.out)
  const closing = (async () => {
    const writer = ports.in.getWriter()
    await writer.write(bytes("1"))
    await writer.close()
  })()
  for (let turn = 0; turn < 200; turn++) await Promise.resolve()
  expect(gates.length).toBe(1)
  expect(seen).toBe(0)
  gates[0]?.()
  await closing
  await out
  expect(seen).toBe(1)
})

test("with a store the role goes on from the last snapshot, and saves no more than it has to", async () => {
  const log = createMemoryLog()
  const saved: StoredSnapshot<number>[] = []
  const store = createMemorySnapshotStore<number>()
  let isSaving = false
  const counting = {
    load: () => store.load(),
    async save(snapshot: StoredSnapshot<number>) {
      expect(isSaving).toBe(false)
      isSaving = true
      saved.push(snapshot)
      await new Promise((resolve) => setImmediate(resolve))
      await store.save(snapshot)
      isSaving = false
    },
  }
  const open = () => logPorts(log, (restored) => adder(restored?.state), { store: counting })
  const ports = await open()
  const writer = ports.in.getWriter()
  const out = toArray(ports.out)
  for (let n = 0; n < 1_000; n++) await writer.write(bytes("1"))
  await writer.close()
  expect((await out).length).toBe(1_000)
  await ports.closed
  expect(await store.load()).toEqual({ log: log.id, offset: 1_000, state: 1_000 })
  expect(saved.length).toBeLessThan(500)
  await append(log, "5")
  const again = await open()
  await again.in.close()
  expect(await toArray(again.out)).toEqual(["1000:1005!"])
})

test("a snapshot of another log counts for nothing", async () => {
  const store = createMemorySnapshotStore<number>()
  const other = createMemoryLog()
  await append(other, "7")
  const first = await logPorts(other, () => adder(), { store })
  await first.in.close()
  await toArray(first.out)
  await first.closed
  expect((await store.load())?.state).toBe(7)
  const log = createMemoryLog()
  await append(log, "1")
  const ports = await logPorts(log, (restored) => adder(restored?.state), { store })
  await ports.in.close()
  expect(await toArray(ports.out)).toEqual(["0:1!"])
})

test("what others append is seen, and a seal ends the role", async () => {
  const log = createMemoryLog()
  const ports = await logPorts(log, () => adder())
  const out = toArray(ports.out)
  await append(log, "1", "2")
  await log.seal()
  expect(await out).toEqual(["0:1", "1:3"])
  await ports.closed
  const writer = ports.in.getWriter()
  await expect(writer.write(bytes("3"))).rejects.toMatchObject({ code: "SEALED" })
  await expect(writer.closed).rejects.toMatchObject({ code: "SEALED" })
})

test("every early end reaches the others with its reason, and leaves the log as it is", async () => {
  const reason = new Error("enough")
  const ends: Record<string, (ports: Awaited<ReturnType<typeof open>>) => Promise<unknown>> = {
    "in is aborted": (ports) => ports.in.abort(reason),
    "out is cancelled": (ports) => ports.out.cancel(reason),
    "the role throws": async (ports) => {
      const writer = ports.in.getWriter()
      await writer.write(bytes("throw"))
      writer.releaseLock()
    },
  }
  const log = createMemoryLog()
  const open = () =>
    logPorts<string, never, number>(log, () => {
      const { event } = adder()
      return {
        event(logged, controller) {
          if (text(logged) === "throw" && !logged.isHistory) throw reason
          event(logged, controller)
        },
      }
    })
  for (const [name, end] of Object.entries(ends)) {
    const ports = await open()
    const isCancelled = name === "out is cancelled"
    const out = isCancelled ? undefined : toArray(ports.out).catch((error: unknown) => error)
    await end(ports)
    expect(await ports.closed.catch((error: unknown) => error), name).toBe(reason)
    if (out !== undefined) expect(await out, name).toBe(reason)
    const late = ports.in.getWriter()
    expect(await late.closed.catch((error: unknown) => error), name).toBe(reason)
    await append(log, "1")
  }
  await log.close()
})

test("a refused chunk fails the role after what came before it", async () => {
  const log = createMemoryLog({ maxBatchBytes: 4 })
  const ports = await logPorts(log, () => adder())
  const writer = ports.in.getWriter()
  await writer.write(bytes("1"))
  await expect(writer.write(bytes("12345"))).rejects.toMatchObject({ code: "RECORD_TOO_LARGE" })
  const reader = ports.out.getReader()
  expect(await reader.read()).toEqual({ done: false, value: "0:1" })
  await expect(reader.read()).rejects.toMatchObject({ code: "RECORD_TOO_LARGE" })
  await expect(ports.closed).rejects.toMatchObject({ code: "RECORD_TOO_LARGE" })
})

test("a log that closes, and a save that fails, fail every end", async () => {
  const log = createMemoryLog()
  const ports = await logPorts(log, () => adder())
  const out = toArray(ports.out)
  out.catch(() => {})
  await log.close()
  await expect(out).rejects.toMatchObject({ code: "CLOSED" })
  await expect(ports.closed).rejects.toMatchObject({ code: "CLOSED" })
  await expect(logPorts(log, () => adder())).rejects.toMatchObject({ code: "CLOSED" })

  const full = new Error("no space")
  const store = { load: async () => undefined, save: () => Promise.reject(full) }
  const other = createMemoryLog()
  await append(other, "1")
  const failing = await logPorts(other, () => adder(), { store })
  const read = toArray(failing.out)
  read.catch(() => {})
  await expect(read).rejects.toBe(full)
  await expect(failing.closed).rejects.toBe(full)
})

test("a slow reader of out holds the role up, and not the log", async () => {
  const log = createMemoryLog()
  let seen = 0
  const ports = await logPorts<number, never, never>(log, () => ({
    event: (event, controller) => {
      seen++
      controller.out(event.offset)
    },
  }))
  const writer = ports.in.getWriter()
  for (let n = 0; n < 500; n++) await writer.write(bytes(`${n}`))
  await writer.close()
  expect(await log.tail()).toBe(500)
  expect(seen).toBeLessThan(5)
  expect((await toArray(ports.out)).length).toBe(500)
})
