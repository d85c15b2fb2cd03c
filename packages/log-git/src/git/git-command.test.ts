import { chmodSync, chownSync, existsSync, mkdtempSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, expect, test, vi } from "vitest"
import { git, testFolder } from "../../testing/git.ts"
import { appendEach, numbered, texts } from "../../testing/records.ts"
import { openGitLog } from "../open-git-log.ts"

const folder = testFolder()
const repository = (): string => mkdtempSync(join(folder, "repository-"))
const options = { level: "process" } as const
afterEach(() => vi.unstubAllEnvs())

test.each(["core.excludesFile", "core.attributesFile", "core.hooksPath", "include.path"])(
  "a repository whose %s is a path from the user's home holds a log",
  async (setting) => {
    const [at, home] = [repository(), repository()]
    git(at, "init", "--quiet")
    git(at, "config", setting, "~/of-mine")
    vi.stubEnv("HOME", home)
    writeFileSync(join(home, "of-mine"), "[core]\n\trepositoryFormatVersion = 99\n")
    await using log = await openGitLog(at, "log", options)
    await appendEach(log, numbered(0, 3))
    await log.maintain()
    expect(await texts(log)).toEqual(numbered(0, 3))
  },
)

test("a repository that is made keeps its refs as files, whatever git would do by itself", async () => {
  const [at, bin] = [join(repository(), "made"), repository()]
  const real = (process.env["PATH"] ?? "")
    .split(":")
    .map((place) => join(place, "git"))
    .find((path) => existsSync(path))
  const later = `#!/bin/sh
case " $* " in *" init "*) [ "$GIT_DEFAULT_REF_FORMAT" = files ] || exit 3;; esac
exec ${real} "$@"
`
  writeFileSync(join(bin, "git"), later)
  chmodSync(join(bin, "git"), 0o755)
  vi.stubEnv("PATH", `${bin}:${process.env["PATH"]}`)
  await using log = await openGitLog(at, "log", options)
  await appendEach(log, ["one"])
  expect(existsSync(join(at, log.ref))).toBe(true)
})

test.skipIf(process.getuid?.() !== 0)(
  "a repository of another user is refused with what can be done about it",
  async () => {
    const at = repository()
    git(at, "init", "--quiet", "--bare")
    chownSync(at, 65_534, 65_534)
    const opening = openGitLog(at, "log", options)
    await expect(opening).rejects.toMatchObject({ code: "NOT_A_LOG" })
    // What git says to that can not help, as no configuration of the user counts here.
    await expect(opening).rejects.toThrow(/it belongs to another user; open it as that user/)
    await expect(opening).rejects.not.toThrow(/safe.directory/)
  },
)
