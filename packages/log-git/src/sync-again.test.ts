import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { expect, test } from "vitest"
import { testFolder } from "../testing/git.ts"
import { toObject } from "./objects/object-format.ts"
import { ObjectWriter } from "./objects/object-writer.ts"
import { RefFile } from "./refs/ref-file.ts"

const folder = testFolder()

test("a folder of objects that git has removed and that is made again has its name synced again", async () => {
  const at = mkdtempSync(join(folder, "objects-"))
  let synced: string[] = []
  const writer = new ObjectWriter(at, "disk", async (directory) => void synced.push(directory))
  const object = toObject("sha1", "blob", Buffer.from("content"))
  const own = join(at, object.oid.slice(0, 2))
  const write = async (): Promise<string[]> => {
    synced = []
    await (await writer.write([object])).named
    return synced.toSorted()
  }
  expect(await write()).toEqual([at, own])
  expect(await write()).toEqual([own])
  rmSync(own, { recursive: true })
  expect(await write()).toEqual([at, own])
  expect(await write()).toEqual([own])
  // Another writer has made it by now, and may not have synced its name.
  rmSync(own, { recursive: true })
  mkdirSync(own)
  expect(await write()).toEqual([at, own])
  await writer.close()
})

test("a directory of refs that git has removed and that is made again has its name synced again", async () => {
  const at = mkdtempSync(join(folder, "repository-"))
  let synced: string[] = []
  let isRemoved = false
  const ref = new RefFile(at, "sha1", "refs/bellmouth/n-log", async (directory) => {
    if (isRemoved) rmSync(own, { recursive: true, force: true })
    statSync(directory)
    synced.push(directory)
  })
  const own = dirname(ref.path)
  const sync = async (): Promise<string[]> => {
    mkdirSync(own, { recursive: true })
    writeFileSync(ref.path, "")
    synced = []
    await ref.sync()
    return synced.toSorted()
  }
  expect(await sync()).toEqual([at, dirname(own), own])
  expect(await sync()).toEqual([own])
  rmSync(own, { recursive: true })
  expect(await sync()).toEqual([at, dirname(own), own])
  // Packed, while it is being synced: then the directory of the packed refs is.
  isRemoved = true
  expect(await sync()).toEqual([at])
})
