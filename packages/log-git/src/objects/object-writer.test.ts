import { mkdtempSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { testFolder } from "../../testing/git.ts"
import { toObject } from "./object-format.ts"
import { ObjectWriter } from "./object-writer.ts"

const folder = testFolder()

test("an object that can not be stored is told to who stores it, and to nobody else", async () => {
  const unheard: unknown[] = []
  const hear = (reason: unknown): void => void unheard.push(reason)
  process.on("unhandledRejection", hear)
  onTestFinished(() => void process.off("unhandledRejection", hear))
  const at = join(mkdtempSync(join(folder, "objects-")), "file")
  writeFileSync(at, "no folder")
  const writer = new ObjectWriter(at, "process")
  // So large that to compress it takes longer than to find out that there is no place for it.
  const large = toObject("sha1", "blob", Buffer.alloc(4_000_000, "large"))
  for (let attempt = 0; attempt < 3; attempt++) {
    await expect(writer.write([large])).rejects.toMatchObject({ code: "ENOTDIR" })
  }
  // Whatever was not heard of is told of once a turn is over.
  await new Promise((resolve) => setImmediate(resolve))
  expect(unheard).toEqual([])
})

test("of objects of which one can not be stored no file is left that nobody will finish", async () => {
  const at = mkdtempSync(join(folder, "objects-"))
  const writer = new ObjectWriter(at, "process")
  const objects = ["a", "b", "c"].map((text) => toObject("sha1", "blob", Buffer.from(text)))
  const taken = objects[1]?.oid.slice(0, 2) ?? ""
  writeFileSync(join(at, taken), "no folder")
  await expect(writer.write(objects)).rejects.toMatchObject({ code: "ENOTDIR" })
  await writer.close()
  expect(readdirSync(at).filter((name) => name.startsWith("tmp_obj_"))).toEqual([])
})
