import { readFileSync } from "node:fs"
import { type Log, LogError, toOffset } from "@bellmouth/log"
import { expect, test } from "vitest"
import { openFsLog } from "../open-fs-log.ts"
import { MemoryFileLayer } from "../testing/memory-file-layer.ts"
import { idSeed } from "./log-id.ts"
import { decodeSeal, encodeSeal } from "./seal-file.ts"

interface SealVector {
  readonly id: string
  readonly name: string
  readonly hex: string
  readonly tail?: number
}

const url = new URL("../../../../test/vectors/log/seals.json", import.meta.url)
const file: { id: string; vectors: readonly SealVector[] } = JSON.parse(readFileSync(url, "utf8"))
const seed = idSeed(new Uint8Array(Buffer.from(file.id, "hex")))

for (const { id, name, hex, tail } of file.vectors) {
  test(`${id}: ${name}`, () => {
    const bytes = new Uint8Array(Buffer.from(hex, "hex"))
    expect(decodeSeal(bytes, seed)).toBe(tail)
    if (tail !== undefined) expect(Buffer.from(encodeSeal(tail, seed)).toString("hex")).toBe(hex)
  })
}

async function append(log: Log, ...texts: string[]): Promise<void> {
  const writer = log.writable().getWriter()
  for (const text of texts) await writer.write(new TextEncoder().encode(text))
  await writer.close()
}

async function sealedLog(): Promise<MemoryFileLayer> {
  const fileLayer = new MemoryFileLayer()
  const log = await openFsLog("/log", { fileLayer, segmentBytes: 200 })
  for (const text of ["one", "two", "three", "four"]) await append(log, text.repeat(20))
  await log.seal()
  await log.close()
  return fileLayer
}

async function openCode(fileLayer: MemoryFileLayer): Promise<string> {
  try {
    await (await openFsLog("/log", { fileLayer })).close()
    return "opened"
  } catch (error) {
    return error instanceof LogError ? error.code : String(error)
  }
}

test("no flipped bit of a seal opens the log to appends, or is taken for a log that goes on", async () => {
  const { files } = await sealedLog()
  const bits = (files.get("/log/sealed")?.length ?? 0) * 8
  expect(bits).toBe(128)
  for (let bit = 0; bit < bits; bit++) {
    const fileLayer = new MemoryFileLayer(files)
    const bytes = fileLayer.files.get("/log/sealed")
    bytes?.set([(bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))], bit >> 3)
    const reader = await openFsLog("/log", { mode: "read", fileLayer })
    await expect(reader.sealed(), `bit ${bit}`).rejects.toMatchObject({ code: "CORRUPT" })
    const following = reader.replay({ from: "tail", follow: true }).getReader()
    await expect(following.read(), `bit ${bit}`).rejects.toMatchObject({ code: "CORRUPT" })
    await reader.close()
    expect(await openCode(fileLayer), `bit ${bit}`).toBe("CORRUPT")
  }
})

test("records that are missing before a seal are told, and nothing is cut off", async () => {
  const { files } = await sealedLog()
  const last =
    [...files.keys()]
      .filter((path) => path.endsWith(".log"))
      .sort()
      .at(-1) ?? ""
  const whole = files.get(last)?.length ?? 0
  let seen = 0
  for (const tail of ["kept", "lost"]) {
    for (let length = 64; length < whole; length += 3) {
      const fileLayer = new MemoryFileLayer(files)
      fileLayer.files.set(last, (fileLayer.files.get(last) ?? new Uint8Array()).slice(0, length))
      // Without it only the seal tells what was acknowledged.
      if (tail === "lost") fileLayer.files.delete("/log/tail")
      expect(await openCode(fileLayer), `${tail} tail file, ${length} bytes`).toBe("CORRUPT")
      expect(fileLayer.files.get(last)?.length).toBe(length)
      expect([...fileLayer.files.keys()].filter((path) => path.includes("torn"))).toEqual([])
      seen++
    }
  }
  expect(seen).toBeGreaterThan(20)
})

test("records behind a seal are told", async () => {
  const sealed = await sealedLog()
  const files = new MemoryFileLayer(sealed.files)
  const seal = files.files.get("/log/sealed") ?? new Uint8Array()
  files.files.delete("/log/sealed")
  const log = await openFsLog("/log", { fileLayer: files })
  await append(log, "late")
  await log.close()
  files.files.set("/log/sealed", seal)
  expect(await openCode(files)).toBe("CORRUPT")
})

test("a reader takes the log for sealed once the final tail is published, and not before", async () => {
  const fileLayer = new MemoryFileLayer()
  const log = await openFsLog("/log", { fileLayer })
  await append(log, "one")
  const early = fileLayer.files.get("/log/tail")?.slice() ?? new Uint8Array()
  await append(log, "two")
  await log.seal()
  const late = fileLayer.files.get("/log/tail")?.slice() ?? new Uint8Array()
  fileLayer.files.set("/log/tail", early)
  const reader = await openFsLog("/log", { mode: "read", fileLayer })
  expect(await reader.sealed()).toBe(false)
  const following = reader.replay({ from: toOffset(1), follow: true }).getReader()
  const next = following.read()
  fileLayer.files.set("/log/tail", late)
  await fileLayer.rename("/log/sealed", "/log/sealed")
  expect((await next).value?.offset).toBe(1)
  expect((await following.read()).done).toBe(true)
  expect(await reader.sealed()).toBe(true)
})
