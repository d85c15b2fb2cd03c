import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { nodeFileLayer } from "./node-file-layer.ts"

/** Memory that is never touched takes none. */
const untouched = (byteLength: number) => new Uint8Array(byteLength)

test("a call for 2 GiB and more is a short one", async () => {
  const directory = await mkdtemp(join(tmpdir(), "large-"))
  const path = join(directory, "small")
  await writeFile(path, "abc")
  const small = await nodeFileLayer.open(path, "read")
  const nowhere = await nodeFileLayer.open("/dev/null", "write")
  try {
    expect(await small.read(untouched(2 ** 31), 0)).toBe(3)
    const part = untouched(2 ** 29)
    expect(await nowhere.write(Array(5).fill(part), 0)).toBe(2 ** 30)
    expect(await nowhere.write([part, part], 0)).toBe(2 ** 30)
  } finally {
    await small.close()
    await nowhere.close()
    await rm(directory, { recursive: true })
  }
})
