import { closeSync, fdatasyncSync, openSync, readSync, writeSync } from "node:fs"
import { join } from "node:path"
import { LogError } from "@bellmouth/log"
import { type LoopDisk, makeLoopDisk, mountMemory } from "./loop-disk.ts"
import type { LogFs } from "./planted-fault.ts"

const MIB = 1_048_576
const ATTEMPTS = 6

/**
 * A disk that says it has 128 MiB, on a file system in memory of 24 MiB: buffered writes succeed,
 * and what does not fit fails when it is synced. Without a journal, ext4 says success when the sync
 * is tried again, and has lost one block of a bare writer even before it fails.
 */
export async function makeFailingDisk(folder: string, hasJournal: boolean): Promise<LoopDisk> {
  const small = join(folder, `small-${crypto.randomUUID()}`)
  const unmount = await mountMemory(small, "24m")
  const format = hasJournal ? [] : ["-O", "^has_journal"]
  const disk = await makeLoopDisk(small, "ext4", {
    megabytes: 128,
    format,
    mount: "loop,errors=continue",
  })
  return {
    ...disk,
    async remove() {
      await disk.remove()
      await unmount()
    },
  }
}

/** Writes more than fits, and syncs until that succeeds: what the syncs said, and what is lost. */
export async function retryRaw(disk: LoopDisk): Promise<{ syncs: string[]; lost: number }> {
  const path = join(disk.path, "raw")
  const file = openSync(path, "w")
  const block = Buffer.alloc(MIB, 0xa5)
  const blocks = 40
  for (let n = 0; n < blocks; n++) writeSync(file, block)
  const syncs: string[] = []
  for (let n = 0; n < ATTEMPTS && syncs.at(-1) !== "success"; n++) {
    try {
      fdatasyncSync(file)
      syncs.push("success")
    } catch (error) {
      syncs.push(error instanceof Error && "code" in error ? String(error.code) : String(error))
    }
  }
  closeSync(file)
  await disk.remount()
  let lost = 0
  const again = openSync(path, "r")
  for (let n = 0; n < blocks; n++) if (!holds(again, n, block)) lost++
  closeSync(again)
  return { syncs, lost }
}

function holds(file: number, n: number, block: Buffer): boolean {
  const bytes = Buffer.alloc(block.length)
  try {
    return readSync(file, bytes, 0, bytes.length, n * MIB) === MIB && bytes.equals(block)
  } catch {
    // EIO: the bytes are not there, which is what is asked.
    return false
  }
}

/** Appends records of `byteLength` until that fails; gives what was acknowledged, and the codes. */
export async function fill(
  open: LogFs["openFsLog"],
  directory: string,
  byteLength: number,
): Promise<{ acknowledged: number; codes: string[] }> {
  const codes: string[] = []
  let acknowledged = 0
  const note = (error: unknown): void => {
    codes.push(error instanceof LogError ? error.code : String(error))
  }
  const log = await open(directory)
  while (codes.length < 2 && acknowledged < 1_000) {
    const { readable, writable } = log.append()
    const writer = writable.getWriter()
    writer.write(filler(acknowledged, byteLength)).catch(() => {})
    writer.close().catch(() => {})
    const { value } = await readable
      .getReader()
      .read()
      .catch((error: unknown) => {
        note(error)
        return { value: undefined }
      })
    if (value !== undefined) acknowledged++
  }
  await log.close().catch(note)
  return { acknowledged, codes }
}

/** The record of an offset. */
export function filler(offset: number, byteLength: number): Uint8Array {
  return Buffer.from(`${offset} `.padEnd(byteLength, String.fromCharCode(97 + (offset % 26))))
}
