import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { encodeLogName, START } from "@bellmouth/log"
import { afterEach, expect, test, vi } from "vitest"
import { git, testFolder } from "../testing/git.ts"
import { appendEach, numbered, texts } from "../testing/records.ts"
import { openGitLog } from "./open-git-log.ts"
import { ownIdentity } from "./refs/process-identity.ts"

const folder = testFolder()
const repository = (): string => mkdtempSync(join(folder, "repository-"))
const options = { level: "process" } as const
const MISSING = "0".repeat(39).concat("1")
afterEach(() => vi.unstubAllEnvs())

/** A program that leaves a mark when anything runs it. */
function trap(at: string): { readonly program: string; readonly isTouched: () => boolean } {
  const [program, mark] = [join(at, "trap"), join(at, "touched")]
  writeFileSync(program, `#!/bin/sh\ntouch ${mark}\n`)
  chmodSync(program, 0o755)
  return { program, isTouched: () => existsSync(mark) }
}

/** Configuration, hooks and environment, each of which would run the trap. */
function plant(at: string, home: string, program: string): void {
  const settings = [
    "[alias]",
    ...["cat-file", "update-ref", "repack", "rev-parse", "version"].map(
      (name) => `\t${name} = !${program}`,
    ),
    "[core]",
    `\thooksPath = ${join(home, "hooks")}`,
    `\tfsmonitor = ${program}`,
    `\tsshCommand = ${program}`,
    `\talternateRefsCommand = ${program}`,
    `\tpager = ${program}`,
    "[protocol]",
    "\tallow = always",
    '[protocol "ext"]',
    "\tallow = always",
    '[remote "origin"]',
    `\turl = ext::${program}`,
    "\tpromisor = true",
    "\tpartialclonefilter = blob:none",
    "[extensions]",
    "\tpartialClone = origin",
  ].join("\n")
  mkdirSync(join(home, ".config/git"), { recursive: true })
  mkdirSync(join(home, "hooks"))
  for (const file of [".gitconfig", ".config/git/config"]) {
    writeFileSync(join(home, file), `${settings}\n`)
  }
  writeFileSync(join(at, "config"), `${readFileSync(join(at, "config"), "utf8")}${settings}\n`)
  mkdirSync(join(at, "hooks"), { recursive: true })
  for (const place of [join(at, "hooks"), join(home, "hooks")]) {
    for (const name of ["reference-transaction", "pre-auto-gc", "post-update", "update"]) {
      writeFileSync(join(place, name), `#!/bin/sh\n${program}\n`)
      chmodSync(join(place, name), 0o755)
    }
  }
  const stubs = {
    HOME: home,
    XDG_CONFIG_HOME: join(home, ".config"),
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: "core.hooksPath",
    GIT_CONFIG_VALUE_0: join(home, "hooks"),
    GIT_DIR: join(home, "nowhere"),
    GIT_OBJECT_DIRECTORY: join(home, "objects"),
    GIT_EXTERNAL_DIFF: program,
    GIT_SSH_COMMAND: program,
    GIT_TRACE: join(home, "trace"),
  }
  for (const [name, value] of Object.entries(stubs)) vi.stubEnv(name, value)
}

test("hooks, aliases, helpers, protocols and the environment of git are not touched", async () => {
  const [at, home] = [repository(), repository()]
  git(at, "init", "--quiet", "--bare")
  const { program, isTouched } = trap(home)
  plant(at, home, program)
  const log = await openGitLog(at, "careful", options)
  await appendEach(log, numbered(0, 3))
  await log.maintain()
  // An object that is not there would be fetched from the remote that promises it.
  writeFileSync(join(at, log.ref), `${MISSING}\n`)
  await expect(openGitLog(at, "careful", options)).rejects.toMatchObject({ code: "CORRUPT" })
  await log.close()
  expect(isTouched()).toBe(false)
  expect(existsSync(join(home, "trace"))).toBe(false)
})

test("the trap is one: plain git runs it, for a hook and for a missing object", () => {
  for (const isHook of [true, false]) {
    const [at, home] = [repository(), repository()]
    git(at, "init", "--quiet", "--bare")
    const tree = git(at, "hash-object", "-t", "tree", "-w", "/dev/null").trim()
    const who = ["-c", "user.name=a", "-c", "user.email=b"]
    const commit = git(at, ...who, "commit-tree", "-m", "x", tree).trim()
    const { program, isTouched } = trap(home)
    plant(at, home, program)
    vi.stubEnv("GIT_DIR", at)
    vi.stubEnv("GIT_OBJECT_DIRECTORY", join(at, "objects"))
    if (isHook) git(at, "update-ref", "refs/heads/x", commit)
    else expect(() => git(at, "cat-file", "-p", MISSING)).toThrow()
    expect(isTouched()).toBe(true)
    vi.unstubAllEnvs()
  }
})

test("names are data: none leaves its ref, and no two share one", async () => {
  const at = repository()
  const names = [
    "..",
    "../x",
    "a/b",
    "/abs",
    "-x",
    "--upload-pack=x",
    "@{-1}",
    "x.lock",
    "x..y",
    "x~1",
    "x^",
    "x:y",
    "refs/heads/main",
    "HEAD",
    ".",
    "",
    " ",
    "x ",
    "X",
    "x",
    "CON",
    "C:\\x",
    "%2e%2e",
    "\0",
    "\n",
    "$(touch x)",
    "`touch x`",
    "; touch x",
    "é",
    "e\u0301",
    "\u{1f600}",
    "{a}b",
    "*",
    "?",
    "x".repeat(255),
    "y".repeat(512),
  ]
  const refs = new Set<string>()
  for (const name of names) {
    await using log = await openGitLog(at, name, options)
    expect(log.ref).toBe(`refs/bellmouth/${await encodeLogName(name)}`)
    git(at, "check-ref-format", log.ref)
    refs.add(log.ref.toLowerCase())
    await appendEach(log, [name])
    expect(git(at, "cat-file", "-p", `${log.ref}:log`)).toContain(JSON.stringify(name))
  }
  expect(refs.size).toBe(names.length)
  for (const name of names) {
    await using log = await openGitLog(at, name, { mode: "read" })
    expect(await texts(log)).toEqual([name])
  }
  expect(git(at, "for-each-ref", "--format=%(refname)").trim().split("\n").length).toBe(
    names.length,
  )
  expect(readdirSync(at).sort()).toEqual(
    [
      "HEAD",
      "bellmouth",
      "config",
      "objects",
      "refs",
      ...(existsSync(join(at, "branches")) ? ["branches"] : []),
    ].sort(),
  )
  await using log = await openGitLog(at, "x", options)
  for (const wrong of ["\ud800", "z".repeat(513)]) {
    await expect(openGitLog(at, wrong)).rejects.toThrow(RangeError)
    await expect(log.fork(START, wrong)).rejects.toThrow(RangeError)
  }
})

test("what is no repository, no log, or another's, is NOT_A_LOG; a repository above is not taken", async () => {
  const above = repository()
  git(above, "init", "--quiet")
  const inside = join(above, "inside")
  mkdirSync(inside)
  writeFileSync(join(inside, "file"), "")
  const read = { mode: "read" } as const
  for (const [at, how] of [
    [inside, options],
    [inside, read],
    [join(inside, "file"), options],
    [join(folder, "nothing"), read],
    [above, read],
  ] as const) {
    await expect(openGitLog(at, "log", how)).rejects.toMatchObject({ code: "NOT_A_LOG" })
  }
  // Where git is told not to look above, a colon ends a path.
  const colon = join(above, "a:b", "plain")
  mkdirSync(colon, { recursive: true })
  writeFileSync(join(colon, "file"), "")
  for (const at of [inside, colon]) {
    await expect(openGitLog(at, "log", options)).rejects.toMatchObject({ code: "NOT_A_LOG" })
  }
  await using log = await openGitLog(above, "log", options)
  await appendEach(log, ["in .git"])
  git(above, "symbolic-ref", `refs/bellmouth/${await encodeLogName("link")}`, log.ref)
  git(above, "update-ref", `refs/bellmouth/${await encodeLogName("other")}`, log.ref)
  for (const name of ["link", "other"]) {
    await expect(openGitLog(above, name, read)).rejects.toMatchObject({ code: "NOT_A_LOG" })
  }
  expect(git(above, "status", "--porcelain", "--untracked-files=no")).toBe("")
})

test("a program named git in the repository is not run, whatever PATH says", async () => {
  const [at, home] = [repository(), repository()]
  git(at, "init", "--quiet", "--bare")
  const { program, isTouched } = trap(home)
  copyFileSync(program, join(at, "git"))
  for (const path of [":", ".:", "::/none:"]) {
    vi.stubEnv("PATH", `${path}${process.env["PATH"]}`)
    await using log = await openGitLog(at, "careful", options)
    await appendEach(log, ["one"])
    vi.unstubAllEnvs()
  }
  expect(isTouched()).toBe(false)
})

test("a git that is missing, or too old, is told with what to do", async () => {
  const [none, old] = [repository(), repository()]
  writeFileSync(join(old, "git"), "#!/bin/sh\necho git version 2.35.9\n")
  chmodSync(join(old, "git"), 0o755)
  vi.stubEnv("PATH", none)
  const missing = expect.stringContaining("install git 2.36 or later")
  await expect(openGitLog(repository(), "log")).rejects.toMatchObject({
    code: "UNSUPPORTED",
    message: missing,
  })
  vi.stubEnv("PATH", `${old}:/bin`)
  const tooOld = expect.stringContaining("2.35.9")
  await expect(openGitLog(repository(), "log")).rejects.toMatchObject({
    code: "UNSUPPORTED",
    message: tooOld,
  })
})

test.skipIf(process.platform !== "linux")(
  "a place where the system makes no directories is told, and not waited for",
  async () => {
    const opening = openGitLog("/proc/nowhere/at/all", "log", options)
    await expect(opening).rejects.toMatchObject({
      code: "WRITE_FAILED",
      message: expect.stringContaining("mkdir '/proc/nowhere'"),
    })
  },
)

test("what writers have left that died while they opened the log goes, and nothing else", async () => {
  const at = repository()
  const log = await openGitLog(at, "swept", options)
  const writers = join(at, "bellmouth", log.ref.slice("refs/bellmouth/".length))
  await log.close()
  const dead = [...ownIdentity().split(" ").slice(0, 3), "1", "0"].join(" ")
  const left = { "dead.opening": dead, "dead.tmp": dead, "begun.tmp": "" }
  for (const [name, text] of Object.entries(left)) writeFileSync(join(writers, name), text)
  writeFileSync(join(writers, "live.opening"), ownIdentity())
  await (await openGitLog(at, "swept", options)).close()
  expect(readdirSync(writers).sort()).toEqual(["begun.tmp", "live.opening"])
})
