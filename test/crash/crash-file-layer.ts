import type { FileLayer, LayerFile } from "@bellmouth/log-fs"
import { fileError, MemoryFileLayer } from "@bellmouth/log-fs/testing"

const SECTOR = 512

/** A change of a file that is not on disk yet. */
type Change =
  | { readonly type: "write"; readonly position: number; readonly bytes: Uint8Array }
  | { readonly type: "truncate"; readonly byteLength: number }

/** A change of the names that is not on disk yet. */
type Naming =
  | { readonly type: "set"; readonly path: string; readonly inode: Inode }
  | { readonly type: "remove"; readonly path: string }

class Inode {
  live: Uint8Array = new Uint8Array(0)
  durable: Uint8Array = new Uint8Array(0)
  pending: Change[] = []
}

/** What the power cut did, so that a test can say what it has seen. */
export interface CrashCounts {
  writesLost: number
  writesTorn: number
  writesZeroed: number
  namesLost: number
}

/**
 * A file system that knows what a power cut may leave: what was synced stays, and of everything
 * else any part, in any order, sector by sector. A model: harsher than any one file system.
 */
export class CrashFileLayer implements FileLayer {
  readonly #names = new Map<string, Inode>()
  readonly #durableNames = new Map<string, Inode>()
  #namings: Naming[] = []
  /** Every operation after this many fails: the machine is off. */
  operationsLeft: number = Number.POSITIVE_INFINITY
  operations = 0

  constructor(files: Iterable<readonly [string, Uint8Array]> = []) {
    for (const [path, bytes] of files) {
      const inode = new Inode()
      inode.live = bytes.slice()
      inode.durable = bytes.slice()
      this.#names.set(path, inode)
      this.#durableNames.set(path, inode)
    }
  }

  /** The state after a power cut, one of the many there may be. */
  crash(random: () => number, counts: CrashCounts): MemoryFileLayer {
    const names = new Map(this.#durableNames)
    const inOrder = random() < 0.5
    for (const naming of this.#namings) {
      if (random() < 0.4) {
        counts.namesLost++
        if (inOrder) break
        continue
      }
      if (naming.type === "remove") names.delete(naming.path)
      else names.set(naming.path, naming.inode)
    }
    const contents = new Map<Inode, Uint8Array>()
    const files: [string, Uint8Array][] = []
    for (const [path, inode] of names) {
      const bytes = contents.get(inode) ?? survive(inode, random, counts)
      contents.set(inode, bytes)
      files.push([path, bytes])
    }
    return new MemoryFileLayer(files)
  }

  async open(path: string, mode: "read" | "write" | "create"): Promise<LayerFile> {
    this.#step()
    if (mode === "create") {
      if (this.#names.has(path)) throw fileError("EEXIST", path)
      this.#set(path, new Inode())
    }
    const inode = this.#names.get(path)
    if (inode === undefined) throw fileError("ENOENT", path)
    return this.#file(inode)
  }

  async list(directory: string): Promise<string[]> {
    this.#step()
    const prefix = `${directory}/`
    const paths = [...this.#names.keys()].filter((path) => path.startsWith(prefix))
    return paths.map((path) => path.slice(prefix.length))
  }

  async makeDirectory(): Promise<void> {}

  async rename(from: string, to: string): Promise<void> {
    this.#step()
    const inode = this.#names.get(from)
    if (inode === undefined) throw fileError("ENOENT", from)
    this.#set(to, inode)
    this.#unset(from)
  }

  async remove(path: string): Promise<void> {
    this.#step()
    if (this.#names.has(path)) this.#unset(path)
  }

  async syncDirectory(): Promise<void> {
    this.#step()
    this.#namings = []
    this.#durableNames.clear()
    for (const [path, inode] of this.#names) this.#durableNames.set(path, inode)
  }

  async claim(path: string, content: string | Uint8Array): Promise<boolean> {
    this.#step()
    if (this.#names.has(path)) return false
    const inode = new Inode()
    inode.live = typeof content === "string" ? new TextEncoder().encode(content) : content.slice()
    inode.durable = inode.live
    this.#set(path, inode)
    return true
  }

  async readText(path: string): Promise<string | undefined> {
    const inode = this.#names.get(path)
    return inode === undefined ? undefined : new TextDecoder().decode(inode.live)
  }

  watch(): () => void {
    return () => {}
  }

  #file(inode: Inode): LayerFile {
    return {
      size: async () => inode.live.length,
      read: async (into, position) => {
        const part = inode.live.subarray(position, position + into.length)
        into.set(part)
        return part.length
      },
      write: (parts, position) => {
        this.#step()
        const bytes = new Uint8Array(Buffer.concat(parts))
        inode.live = overwritten(inode.live, bytes, position)
        inode.pending.push({ type: "write", position, bytes })
        return bytes.length
      },
      syncData: async () => {
        this.#step()
        inode.durable = inode.live.slice()
        inode.pending = []
      },
      truncate: async (byteLength) => {
        this.#step()
        inode.live = inode.live.slice(0, byteLength)
        inode.pending.push({ type: "truncate", byteLength })
      },
      close: async () => {},
    }
  }

  #set(path: string, inode: Inode): void {
    this.#names.set(path, inode)
    this.#namings.push({ type: "set", path, inode })
  }

  #unset(path: string): void {
    this.#names.delete(path)
    this.#namings.push({ type: "remove", path })
  }

  #step(): void {
    this.operations++
    if (this.operationsLeft-- <= 0) throw fileError("EIO", "the machine is off")
  }
}

/** What is left of a file: what was synced, and any part of what was not. */
function survive(inode: Inode, random: () => number, counts: CrashCounts): Uint8Array {
  let bytes: Uint8Array = inode.durable.slice()
  for (const change of inode.pending) {
    if (random() < 0.3) {
      counts.writesLost++
    } else if (change.type === "truncate") {
      bytes = bytes.slice(0, change.byteLength)
    } else {
      bytes = partly(bytes, change.bytes, change.position, random, counts)
    }
  }
  return bytes
}

function partly(
  bytes: Uint8Array,
  written: Uint8Array,
  position: number,
  random: () => number,
  counts: CrashCounts,
): Uint8Array {
  const kind = random()
  if (kind < 0.4) return overwritten(bytes, written, position)
  if (kind < 0.6) {
    counts.writesTorn++
    return overwritten(bytes, written.subarray(0, Math.floor(random() * written.length)), position)
  }
  if (kind < 0.7) {
    // The size was written, and the bytes were not.
    counts.writesZeroed++
    return overwritten(bytes, new Uint8Array(written.length), position)
  }
  counts.writesTorn++
  let result: Uint8Array = bytes
  for (let at = 0; at < written.length; ) {
    const end = Math.min(
      written.length,
      (Math.floor((position + at) / SECTOR) + 1) * SECTOR - position,
    )
    if (random() < 0.5) result = overwritten(result, written.subarray(at, end), position + at)
    at = end
  }
  return result
}

function overwritten(bytes: Uint8Array, part: Uint8Array, at: number): Uint8Array {
  const grown = new Uint8Array(Math.max(bytes.length, at + part.length))
  grown.set(bytes)
  grown.set(part, at)
  return grown
}
