import { readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, test } from "vitest"
import { bellmouth, Run } from "../testing/command-run.ts"
import { LogFolder } from "../testing/log-folder.ts"

const logs = new LogFolder()

test("verify and repair tell a damage; with --write the rest is there again, and what is lost is said", async () => {
  const log = await logs.logOf(3)
  await bellmouth(["append", log], '{"n":"victim"}\n')
  await bellmouth(["append", log], '{"n":"later"}\n')
  const whole = await bellmouth(["verify", log])
  expect([whole.code, whole.err]).toEqual([0, ""])
  expect(whole.out).toBe(
    `${log} is as it was written: 5 records; it begins at offset 0 and ends at 5\n`,
  )
  expect((await bellmouth(["repair", log])).out).toBe(`There is nothing to repair in ${log}\n`)
  const [name = ""] = (await readdir(log)).filter((file) => file.endsWith(".log"))
  const path = join(log, name)
  const bytes = await readFile(path)
  bytes[bytes.indexOf("victim")] = 0x56
  await writeFile(path, bytes)
  const before = (await readdir(log)).sort()

  const told = await bellmouth(["verify", log])
  expect(told.code).toBe(1)
  expect(told.out).toContain(`Damaged: ${path}, byte `)
  const json = await bellmouth(["verify", log, "--json"])
  expect([json.code, JSON.parse(json.out).damages[0]]).toMatchObject([1, { path, offset: 3 }])
  const planned = await bellmouth(["repair", log])
  expect(planned.code).toBe(1)
  expect(planned.out).toContain("Lost: offset 3; the log goes on at offset 4\n")
  expect(planned.out).toContain(`Nothing was changed: bellmouth repair ${log} --write`)
  expect((await readdir(log)).sort()).toEqual(before)
  expect(await readFile(path)).toEqual(bytes)

  const done = await bellmouth(["repair", log, "--write", "--json"])
  const report = JSON.parse(done.out)
  expect([done.code, report.outcome, report.lost]).toEqual([0, "repaired", [{ from: 3, until: 4 }]])
  expect(await readFile(report.keptAs[0])).toEqual(bytes)
  const first = await bellmouth(["replay", log])
  expect([first.code, first.out]).toEqual([1, '{"n":0}\n{"n":1}\n{"n":2}\n'])
  expect(first.err).toContain("go on from offset 4")
  expect((await bellmouth(["replay", log, "--from", "4"])).out).toBe('{"n":"later"}\n')
  expect((await bellmouth(["verify", log])).code).toBe(0)
  const trimmed = await bellmouth(["trim", log, "--before", "4"])
  expect(trimmed.err).toBe(`Gave up 4 records: ${log} begins at offset 4\n`)
  expect(await bellmouth(["replay", log])).toEqual({ code: 0, out: '{"n":"later"}\n', err: "" })
})

test("repair of a log that is written to is refused, and what is no log is told", async () => {
  const log = logs.newLog()
  const writer = new Run(["append", log])
  writer.child.stdin?.write("1\n")
  while ((await bellmouth(["replay", log])).out !== "1\n");
  for (const args of [
    ["repair", log, "--write"],
    ["trim", log, "--before", "1"],
  ]) {
    const { code, err } = await bellmouth(args)
    expect(code).toBe(1)
    expect(err).toContain("close it there")
  }
  writer.child.stdin?.end()
  await writer.finished
  for (const command of ["verify", "repair"]) {
    const { code, err } = await bellmouth([command, join(logs.path, "nowhere")])
    expect([code, err]).toEqual([1, expect.stringContaining("no such directory")])
  }
})
