import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { delimiter, join } from "node:path"
import { afterEach, expect, test, vi } from "vitest"
import { git, testFolder } from "../../testing/git.ts"
import { toObject } from "./object-format.ts"
import { ObjectReader } from "./object-reader.ts"

const folder = testFolder()
afterEach(() => vi.unstubAllEnvs())

test("what a git process goes on to say, once it was given up, is not taken for what the next one says", async () => {
  const at = mkdtempSync(join(folder, "repository-"))
  git(at, "init", "--quiet", "--bare")
  const file = join(folder, "content")
  writeFileSync(file, "hello")
  git(at, "hash-object", "-w", file)
  const { oid } = toObject("sha1", "blob", Buffer.from("hello"))
  const [programs, mad] = [mkdtempSync(join(folder, "programs-")), join(folder, "mad")]
  const noise = `if [ -e ${mad} ]; then echo nonsense; head -c 300000 /dev/zero; exec sleep 60; fi`
  const path = process.env["PATH"] ?? ""
  writeFileSync(join(programs, "git"), `#!/bin/sh\n${noise}\nPATH=${path} exec git "$@"\n`)
  chmodSync(join(programs, "git"), 0o755)
  vi.stubEnv("PATH", `${programs}${delimiter}${path}`)
  for (let round = 0; round < 3; round++) {
    writeFileSync(mad, "")
    const reader = new ObjectReader({ directory: at, level: "process" }, "sha1")
    await expect(reader.read(oid, "blob")).rejects.toThrow(/git says "nonsense"/)
    rmSync(mad)
    expect((await reader.read(oid, "blob")).toString()).toBe("hello")
    await reader.close()
  }
})
