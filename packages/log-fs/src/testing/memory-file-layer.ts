import type { FileLayer, LayerFile } from "../files/file-layer.ts"

/**
 * A file system in memory: what a test needs to look at every byte of a log, to change it, and to
 * open the result ten thousand times a second. Nothing of it is durable.
 *
 * @example See which files a log is made of
 * ```ts
 * import assert from "node:assert/strict"
 * import { openFsLog } from "@bellmouth/log-fs"
 * import { MemoryFileLayer } from "@bellmouth/log-fs/testing"
 *
 * const fileLayer = new MemoryFileLayer()
 * const log = await openFsLog("/events", { fileLayer })
 * await log.close()
 * const names = [...fileLayer.files.keys()].sort()
 * assert.deepEqual(names, ["/events/00000000000000000000.log", "/events/tail"])
 * ```
 */
export class MemoryFileLayer implements FileLayer {
  /** The bytes of each file by its path. Change them, and the log reads what you wrote. */
  readonly files: Map<string, Uint8Array>
  readonly #watchers = new Set<() => void>()
  readonly #open = new Set<OpenFile>()

  /** Begins with copies of some files. */
  constructor(files: Iterable<readonly [string, Uint8Array]> = []) {
    this.files = new Map(Array.from(files, ([path, bytes]) => [path, bytes.slice()]))
  }

  async open(path: string, mode: "read" | "write" | "create"): Promise<LayerFile> {
    if (mode === "create") {
      if (this.files.has(path)) throw fileError("EEXIST", path)
      this.files.set(path, new Uint8Array(0))
    }
    if (!this.files.has(path)) throw fileError("ENOENT", path)
    return this.#file(path)
  }

  async list(directory: string): Promise<string[]> {
    const prefix = `${directory}/`
    const paths = [...this.files.keys()].filter((path) => path.startsWith(prefix))
    return paths.map((path) => path.slice(prefix.length))
  }

  async makeDirectory(): Promise<void> {}

  async rename(from: string, to: string): Promise<void> {
    const bytes = this.files.get(from)
    if (bytes === undefined) throw fileError("ENOENT", from)
    this.#unlink(to)
    this.files.delete(from)
    this.files.set(to, bytes)
    for (const file of this.#open) if (file.path === from) file.path = to
    this.#wake()
  }

  async remove(path: string): Promise<void> {
    this.#unlink(path)
    this.files.delete(path)
  }

  async syncDirectory(): Promise<void> {}

  async claim(path: string, content: string | Uint8Array): Promise<boolean> {
    if (this.files.has(path)) return false
    this.files.set(path, toBytes(content))
    return true
  }

  async readText(path: string): Promise<string | undefined> {
    const bytes = this.files.get(path)
    return bytes === undefined ? undefined : new TextDecoder().decode(bytes)
  }

  watch(_directory: string, wake: () => void): () => void {
    this.#watchers.add(wake)
    return () => this.#watchers.delete(wake)
  }

  #file(path: string): LayerFile {
    const file: OpenFile = { path, unlinked: { bytes: new Uint8Array(0) } }
    this.#open.add(file)
    const bytesOf = (): Uint8Array =>
      (file.path === undefined ? file.unlinked.bytes : this.files.get(file.path)) ??
      new Uint8Array(0)
    const setBytes = (bytes: Uint8Array): void => {
      if (file.path === undefined) file.unlinked.bytes = bytes
      else this.files.set(file.path, bytes)
    }
    return {
      size: async () => bytesOf().length,
      read: async (into, position) => {
        const part = bytesOf().subarray(position, position + into.length)
        into.set(part)
        return part.length
      },
      write: (parts, position) => {
        let at = position
        for (const part of parts) {
          setBytes(overwrite(bytesOf(), part, at))
          at += part.length
        }
        this.#wake()
        return at - position
      },
      syncData: async () => {},
      truncate: async (byteLength) => {
        setBytes(bytesOf().slice(0, byteLength))
      },
      close: async () => {
        this.#open.delete(file)
      },
    }
  }

  /** Who has a file open that loses its name goes on with it, as it was. */
  #unlink(path: string): void {
    const unlinked = { bytes: this.files.get(path)?.slice() ?? new Uint8Array(0) }
    for (const file of this.#open) {
      if (file.path !== path) continue
      file.unlinked = unlinked
      file.path = undefined
    }
  }

  #wake(): void {
    for (const wake of this.#watchers) wake()
  }
}

/** A file that is open: the one of a name, or one that has none any more. */
interface OpenFile {
  path: string | undefined
  /** Shared by all that had it open when it lost its name. */
  unlinked: { bytes: Uint8Array }
}

/**
 * An error as `node:fs` has it, with a code.
 *
 * @example A disk that fails
 * ```ts
 * import assert from "node:assert/strict"
 * import { fileError } from "@bellmouth/log-fs/testing"
 *
 * assert.equal(fileError("EIO", "/events/tail").message, "EIO: /events/tail")
 * ```
 */
export function fileError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code, path })
}

function toBytes(content: string | Uint8Array): Uint8Array {
  return typeof content === "string" ? new TextEncoder().encode(content) : content.slice()
}

function overwrite(bytes: Uint8Array, part: Uint8Array, at: number): Uint8Array {
  const grown = new Uint8Array(Math.max(bytes.length, at + part.length))
  grown.set(bytes)
  grown.set(part, at)
  return grown
}
