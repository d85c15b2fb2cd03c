import { spawn } from "node:child_process"
import { once } from "node:events"
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { toOffset } from "@bellmouth/log"
import { expect, test } from "vitest"
import { git, testFolder } from "../testing/git.ts"
import { appendEach, numbered, texts } from "../testing/records.ts"
import { openGitLog } from "./open-git-log.ts"
import { ownIdentity } from "./refs/process-identity.ts"

const folder = testFolder()
const repository = (): string => mkdtempSync(join(folder, "repository-"))
const options = { level: "process" } as const

test("of two writers that expect one tail, one wins; the other gets TAIL_MISMATCH, and goes on", async () => {
  const at = repository()
  await using left = await openGitLog(at, "shared", options)
  await using right = await openGitLog(at, "shared", options)
  for (let round = 0; round < 10; round++) {
    const expectedTail = await left.tail()
    const results = await Promise.allSettled(
      [left, right].map((log) => appendEach(log, [`round ${round}`], { expectedTail })),
    )
    const lost = results.filter((result) => result.status === "rejected")
    expect(lost.length).toBe(1)
    expect(lost[0]?.reason).toMatchObject({ code: "TAIL_MISMATCH", offset: expectedTail + 1 })
  }
  await Promise.all([left, right].map((log) => appendEach(log, ["after"])))
  expect(await texts(left)).toEqual(await texts(right))
  expect(await left.tail()).toBe(12)
})

test("two writers that expect nothing append at the same time, and lose and repeat nothing", async () => {
  const at = repository()
  await using left = await openGitLog(at, "busy", options)
  await using right = await openGitLog(at, "busy", options)
  const seen = texts(right, { follow: true, limit: 80 })
  const names = ["left", "right"].map((side) => numbered(0, 40).map((text) => `${side} ${text}`))
  const producer = { id: "both", epoch: 0 }
  await Promise.all([
    ...[left, right].map((log, side) => appendEach(log, names[side]?.slice(0, 20) ?? [])),
    // The same batches from two places, as after a fail-over that was none.
    ...[left, right].map((log) => appendEach(log, names[0]?.slice(20) ?? [], { producer })),
    appendEach(left, names[1]?.slice(20) ?? []),
  ])
  const all = await texts(left)
  expect([...all].sort()).toEqual(names.flat().sort())
  expect(await seen).toEqual(all)
  const ofLeft = all.filter((text) => text.startsWith("left"))
  expect(ofLeft.filter((text) => names[0]?.slice(20).includes(text))).toEqual(names[0]?.slice(20))
})

test("of several who make a log at the same time one does, and all of them write to it", async () => {
  for (let round = 0; round < 5; round++) {
    const at = join(repository(), "made/for it")
    const logs = await Promise.all([0, 1, 2, 3].map(() => openGitLog(at, "made", options)))
    expect(new Set(logs.map(({ id }) => id)).size).toBe(1)
    await Promise.all(logs.map((log, n) => appendEach(log, [`from ${n}`])))
    const [log] = logs
    expect(log === undefined ? [] : (await texts(log)).sort()).toEqual(
      [0, 1, 2, 3].map((n) => `from ${n}`),
    )
    await Promise.all(logs.map((each) => each.close()))
    expect(readdirSync(join(at, ".."))).toEqual(["for it"])
  }
})

test("a push to another repository moves the log, and its readers see it", async () => {
  const [from, to] = [repository(), repository()]
  await using log = await openGitLog(from, "moved", options)
  await appendEach(log, numbered(0, 2))
  git(to, "init", "--quiet", "--bare")
  const push = (): string => git(from, "push", "--quiet", to, `${log.ref}:${log.ref}`)
  push()
  await using reader = await openGitLog(to, "moved", { mode: "read" })
  const follower = texts(reader, { follow: true, limit: 303 })
  await appendEach(log, numbered(2, 302))
  push()
  await appendEach(log, numbered(302, 303))
  push()
  expect(await follower).toEqual(numbered(0, 303))
  expect(await texts(reader, { from: toOffset(255) })).toEqual(numbered(255, 303))
})

test("a reader in another place follows to the seal, and then closes", async () => {
  const at = repository()
  await using log = await openGitLog(at, "ended", options)
  await using reader = await openGitLog(at, "ended", { mode: "read" })
  const follower = texts(reader, { follow: true })
  await appendEach(log, numbered(0, 3))
  await log.seal()
  expect(await follower).toEqual(numbered(0, 3))
  expect(await reader.sealed()).toBe(true)
  await using late = await openGitLog(at, "ended", options)
  await expect(appendEach(late, ["late"])).rejects.toMatchObject({ code: "SEALED", offset: 3 })
})

test("a history that was replaced by another one is DIVERGED, and both heads are named", async () => {
  const [from, to] = [repository(), repository()]
  const log = await openGitLog(from, "split", options)
  await appendEach(log, numbered(0, 3))
  await log.close()
  git(folder, "clone", "--quiet", "--mirror", from, to)
  await using left = await openGitLog(from, "split", options)
  await using right = await openGitLog(to, "split", options)
  await appendEach(left, ["left"])
  await appendEach(right, ["right"])
  const [ours, theirs] = [from, to].map((at) => git(at, "rev-parse", left.ref).trim())
  const refspec = `${left.ref}:${left.ref}`
  expect(() => git(from, "push", "--quiet", to, refspec)).toThrow(/rejected|failed/)
  git(from, "push", "--quiet", "--force", to, refspec)
  for (const use of [() => right.tail(), () => appendEach(right, ["more"])]) {
    const reason: unknown = await use().then(
      () => undefined,
      (error: unknown) => error,
    )
    expect(reason).toMatchObject({ message: expect.stringContaining(String(ours)) })
    expect(reason).toMatchObject({ message: expect.stringContaining(String(theirs)) })
  }
  await expect(right.tail()).rejects.toMatchObject({ code: "DIVERGED" })
  expect(await texts(left)).toEqual([...numbered(0, 3), "left"])
})

test("a lock of a writer that was killed is removed and told; one in use is left alone", async () => {
  const at = repository()
  const first = await openGitLog(at, "locked", options)
  await appendEach(first, ["before"])
  await first.close()
  expect(first.removedLock).toBeUndefined()
  const lock = join(at, `${first.ref}.lock`)
  const source = `import { openGitLog } from "@bellmouth/log-git"
    await openGitLog(${JSON.stringify(at)}, "locked", { level: "process" })
    console.log("open"); setInterval(() => {}, 1_000)`
  const args = ["--input-type=module", "--eval", source]
  const child = spawn(process.execPath, args, {
    cwd: import.meta.dirname,
    stdio: ["ignore", "pipe", "inherit"],
  })
  await once(child.stdout, "data")
  writeFileSync(lock, "")
  const beside = await openGitLog(at, "locked", options)
  expect(beside.removedLock).toBeUndefined()
  expect(existsSync(lock)).toBe(true)
  await beside.close()
  child.kill("SIGKILL")
  await once(child, "exit")
  const all = await Promise.all([0, 1, 2].map(() => openGitLog(at, "locked", options)))
  const removed = all.flatMap(({ removedLock }) => (removedLock === undefined ? [] : [removedLock]))
  expect(removed.map(({ path }) => path)).toEqual([lock])
  await Promise.all(all.map((log, n) => appendEach(log, [`after ${n}`])))
  const [log] = all
  expect(log === undefined ? 0 : await log.tail()).toBe(4)
  await Promise.all(all.map((each) => each.close()))
  const left = readdirSync(join(at, "bellmouth"), { recursive: true }).map(String)
  expect(left.filter((name) => name.endsWith(".writer"))).toEqual([])
})

test("a lock that a dying git makes after its writer was found dead does not stop an append", async () => {
  const at = repository()
  const log = await openGitLog(at, "late lock", options)
  await appendEach(log, ["before"])
  await log.close()
  const directory = join(at, "bellmouth", log.ref.slice("refs/bellmouth/".length))
  const identity = [...ownIdentity().split(" ").slice(0, 3), "1", "0"].join(" ")
  writeFileSync(join(directory, "gone.writer"), identity)
  const again = await openGitLog(at, "late lock", options)
  expect(again.removedLock).toBeUndefined()
  const lock = join(at, `${log.ref}.lock`)
  writeFileSync(lock, "")
  await appendEach(again, ["after"])
  expect(again.removedLock?.path).toBe(lock)
  expect(await texts(again)).toEqual(["before", "after"])
  await again.close()
})

test("a lock that a fork has left when it was killed does not stop another fork to its place", async () => {
  const at = repository()
  await using log = await openGitLog(at, "origin", options)
  await appendEach(log, numbered(0, 3))
  const identity = [...ownIdentity().split(" ").slice(0, 3), "1", "0"].join(" ")
  const lock = join(at, "refs/bellmouth/n-fork.lock")
  mkdirSync(join(at, "bellmouth/n-fork"), { recursive: true })
  writeFileSync(join(at, "bellmouth/n-fork/gone.writer"), identity)
  writeFileSync(lock, "")
  await using fork = await log.fork(toOffset(2), "fork")
  expect(await texts(fork)).toEqual(numbered(0, 2))
  expect(existsSync(lock)).toBe(false)
  expect(log.removedLock?.path).toBe(lock)
})

test("who makes a fork is known as a writer of it, so that whoever comes after can tell", async () => {
  const at = repository()
  await using log = await openGitLog(at, "origin", options)
  await appendEach(log, numbered(0, 3))
  const lock = join(at, "refs/bellmouth/n-fork.lock")
  writeFileSync(lock, "")
  const forking = log.fork(toOffset(2), "fork")
  const writers = join(at, "bellmouth/n-fork")
  const isKnown = (): boolean =>
    existsSync(writers) && readdirSync(writers).some((name) => name.endsWith(".writer"))
  await expect.poll(isKnown, { interval: 5 }).toBe(true)
  // Git waits for a lock for a second.
  rmSync(lock)
  await using fork = await forking
  expect(await texts(fork)).toEqual(numbered(0, 2))
})

test("a lock of another git command is not touched, and is LOCKED", async () => {
  const at = repository()
  const log = await openGitLog(at, "held", options)
  const lock = join(at, `${log.ref}.lock`)
  mkdirSync(join(lock, ".."), { recursive: true })
  writeFileSync(lock, "")
  await expect(appendEach(log, ["late"])).rejects.toMatchObject({ code: "LOCKED", path: lock })
  expect(existsSync(lock)).toBe(true)
  await expect(appendEach(log, ["later"])).rejects.toMatchObject({ code: "POISONED" })
  await log.close()
})

test("a log that was not closed does not keep its process alive, and a closed one takes nothing", async () => {
  const at = repository()
  const source = `import { openGitLog } from "@bellmouth/log-git"
    const log = await openGitLog(${JSON.stringify(at)}, "left open")
    const writer = log.writable().getWriter()
    await writer.write(new Uint8Array([65]))
    await writer.close()
    for await (const { data } of log.replay()) console.log(data.length)`
  const args = ["--input-type=module", "--eval", source]
  const child = spawn(process.execPath, args, { cwd: import.meta.dirname, stdio: "inherit" })
  expect(await once(child, "exit")).toEqual([0, null])
  const log = await openGitLog(at, "left open", options)
  expect(await texts(log)).toEqual(["A"])
  await log.close()
  const store = log.snapshots<number>()
  const late = { log: log.id, offset: toOffset(1), state: 1 }
  for (const use of [() => log.maintain(), () => store.load(), () => store.save(late)]) {
    await expect(use()).rejects.toMatchObject({ code: "CLOSED" })
  }
})

test.skipIf(process.platform !== "linux")(
  "git processes that are killed are started anew, and nothing is lost",
  async () => {
    const at = repository()
    await using log = await openGitLog(at, "orphaned", options)
    await appendEach(log, numbered(0, 3))
    let killed = 0
    for (let round = 3; round < 6; round++) {
      for (const pid of gitChildren(at)) {
        process.kill(pid, "SIGKILL")
        killed++
      }
      await appendEach(log, [`record ${round}`])
      expect(await texts(log)).toEqual(numbered(0, round + 1))
    }
    expect(killed).toBeGreaterThanOrEqual(5)
  },
)

/** The git processes that this one has started in a repository. */
function gitChildren(repositoryPath: string): number[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      const [, parent] = /\) \S (\d+)/.exec(readFileSync(`/proc/${name}/stat`, "utf8")) ?? []
      const isOurs = Number(parent) === process.pid
      return isOurs && readlinkSync(`/proc/${name}/cwd`) === repositoryPath ? [Number(name)] : []
    } catch {
      // It has ended meanwhile.
      return []
    }
  })
}
