import { type FSWatcher, fdatasync, fdatasyncSync, readFileSync, watch, writevSync } from "node:fs"
import { type FileHandle, link, open, readdir, rename, rm } from "node:fs/promises"
import { dirname, resolve } from "node:path"
import { promisify } from "node:util"
import type { FileLayer, LayerFile } from "./file-layer.ts"
import { makeDirectories } from "./make-directories.ts"

/** Up to here a write into the page cache takes less time than the way to another thread. */
const SYNC_WRITE_BYTES = 131_072
/** Of 2 GiB and more Node refuses to read so much at a time, and tells a wrong number when it has written. */
const MOST_BYTES = 1_073_741_824
/** How often a watched directory is looked at, whatever the watcher says, in milliseconds. */
const POLL_MS = 1_000

const FLAGS = { read: "r", write: "r+", create: "wx+" } as const

/**
 * The file system of Node.
 *
 * @example Put a fault between a log and its disk
 * ```ts
 * import assert from "node:assert/strict"
 * import { mkdtemp } from "node:fs/promises"
 * import { tmpdir } from "node:os"
 * import { join } from "node:path"
 * import { type FileLayer, nodeFileLayer, openFsLog } from "@bellmouth/log-fs"
 *
 * const full: FileLayer = {
 *   ...nodeFileLayer,
 *   async open(path, mode) {
 *     const file = await nodeFileLayer.open(path, mode)
 *     const write = file.write.bind(file)
 *     file.write = (parts, position) => {
 *       const size = parts.reduce((sum, part) => sum + part.length, 0)
 *       if (position + size > 4_000) throw new Error("ENOSPC: no space left on device")
 *       return write(parts, position)
 *     }
 *     return file
 *   },
 * }
 * const directory = await mkdtemp(join(tmpdir(), "log-"))
 * await using log = await openFsLog(directory, { fileLayer: full })
 * const writer = log.writable().getWriter()
 * writer.write(new Uint8Array(5_000))
 * await assert.rejects(writer.close(), { code: "WRITE_FAILED" })
 * ```
 */
export const nodeFileLayer: FileLayer = {
  async open(path, mode) {
    return new NodeFile(await open(path, FLAGS[mode]), syncDataOf)
  },
  list: (directory) => readdir(directory),
  makeDirectory,
  rename,
  remove: (path) => rm(path, { force: true }),
  syncDirectory,
  claim,
  readText,
  watch: watchDirectory,
}

/**
 * The file system of Node, with each fdatasync on the thread that runs JavaScript: the way to another thread
 * and back takes about as long as a fast disk. An append then takes about four fifths of the time, with up to
 * some dozens of writers; nothing else of the process runs meanwhile, and a disk that hangs hangs it. For
 * commands and workers that have nothing else to do, not for servers.
 *
 * @example A worker that only stores
 * ```ts
 * import assert from "node:assert/strict"
 * import { mkdtemp } from "node:fs/promises"
 * import { tmpdir } from "node:os"
 * import { join } from "node:path"
 * import { nodeBlockingFileLayer, openFsLog } from "@bellmouth/log-fs"
 *
 * const directory = await mkdtemp(join(tmpdir(), "log-"))
 * await using log = await openFsLog(directory, { fileLayer: nodeBlockingFileLayer })
 * const writer = log.writable().getWriter()
 * writer.write(new TextEncoder().encode("one"))
 * await writer.close()
 * assert.equal(await log.tail(), 1)
 * ```
 */
export const nodeBlockingFileLayer: FileLayer = {
  ...nodeFileLayer,
  async open(path, mode) {
    return new NodeFile(await open(path, FLAGS[mode]), async (fd) => fdatasyncSync(fd))
  },
}

const syncDataOf = promisify(fdatasync)

class NodeFile implements LayerFile {
  readonly #handle: FileHandle
  readonly #syncData: (fd: number) => Promise<void>

  constructor(handle: FileHandle, syncData: (fd: number) => Promise<void>) {
    this.#handle = handle
    this.#syncData = syncData
  }

  async size(): Promise<number> {
    return (await this.#handle.stat()).size
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    const length = Math.min(into.length, MOST_BYTES)
    return (await this.#handle.read(into, 0, length, position)).bytesRead
  }

  write(parts: readonly Uint8Array[], position: number): number | Promise<number> {
    let byteLength = 0
    for (const part of parts) byteLength += part.length
    if (byteLength <= SYNC_WRITE_BYTES) return writevSync(this.#handle.fd, [...parts], position)
    const most = byteLength <= MOST_BYTES ? [...parts] : firstOf(parts, MOST_BYTES)
    return this.#handle.writev(most, position).then((result) => result.bytesWritten)
  }

  syncData(): Promise<void> {
    return this.#syncData(this.#handle.fd)
  }

  truncate(byteLength: number): Promise<void> {
    return this.#handle.truncate(byteLength)
  }

  close(): Promise<void> {
    return this.#handle.close()
  }
}

function firstOf(parts: readonly Uint8Array[], byteLength: number): Uint8Array[] {
  let left = byteLength
  return parts.map((part) => {
    const first = part.subarray(0, left)
    left -= first.length
    return first
  })
}

async function makeDirectory(directory: string): Promise<void> {
  const path = resolve(directory)
  const first = await makeDirectories(path)
  if (first === undefined) return
  for (let made = dirname(path); made.length >= first.length; made = dirname(made)) {
    await syncDirectory(dirname(made))
  }
}

async function syncDirectory(directory: string): Promise<void> {
  // Windows can not open a directory as a file, and keeps names without being told.
  if (process.platform === "win32") return
  const handle = await open(directory, "r")
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function claim(path: string, content: string | Uint8Array): Promise<boolean> {
  const draft = `${path}.${process.pid}-${crypto.randomUUID()}.tmp`
  try {
    await writeSynced(draft, content)
    await link(draft, path)
    return true
  } catch (error) {
    if (isCode(error, "EEXIST")) return false
    throw error
  } finally {
    await rm(draft, { force: true })
  }
}

/** A power cut may leave a name without its bytes, and nobody could tell whose lock that is. */
async function writeSynced(path: string, content: string | Uint8Array): Promise<void> {
  const handle = await open(path, "wx")
  try {
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8")
  } catch (error) {
    if (isCode(error, "ENOENT")) return undefined
    throw error
  }
}

function watchDirectory(directory: string, wake: () => void): () => void {
  const poll = setInterval(wake, POLL_MS).unref()
  let watcher: FSWatcher | undefined
  try {
    // Where there is no watching, or no watch left to have, the poll alone has to do.
    watcher = watch(directory, { persistent: false }, () => wake())
    watcher.on("error", () => watcher?.close())
  } catch {
    // Reported by the poll: what it finds missing or broken, the next read says.
  }
  return () => {
    clearInterval(poll)
    watcher?.close()
  }
}

/** Whether an error of a file layer has this code. */
export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code
}
