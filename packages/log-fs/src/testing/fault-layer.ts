import type { FileLayer, LayerFile } from "../files/file-layer.ts"

/** One call of a log on its file layer, before it is made. */
export interface FileOperation {
  readonly name:
    | "open"
    | "size"
    | "read"
    | "write"
    | "syncData"
    | "truncate"
    | "close"
    | "list"
    | "makeDirectory"
    | "rename"
    | "remove"
    | "syncDirectory"
    | "claim"
  readonly path: string
  /** How many bytes a write was given; 0 for the others. */
  readonly byteLength: number
}

/** What happens instead of the operation. */
export type FileFault =
  /** The operation fails, and has done nothing. */
  | { readonly type: "error"; readonly error: Error }
  /** A write stores so many bytes, and says so. */
  | { readonly type: "short"; readonly byteLength: number }
  /** A write stores so many bytes, and then fails. */
  | { readonly type: "torn"; readonly byteLength: number; readonly error: Error }
  /** A write or a sync does nothing, and says that it has done everything. */
  | { readonly type: "lie" }

/**
 * Puts faults between a log and its file layer. `decide` is asked before every operation, and says
 * what goes wrong with it, or undefined when nothing does.
 *
 * @example A disk that is full
 * ```ts
 * import assert from "node:assert/strict"
 * import { openFsLog } from "@bellmouth/log-fs"
 * import { faultLayer, MemoryFileLayer } from "@bellmouth/log-fs/testing"
 *
 * let full = false
 * const error = Object.assign(new Error("no space left"), { code: "ENOSPC" })
 * const fileLayer = faultLayer(new MemoryFileLayer(), ({ name }) =>
 *   full && name === "write" ? { type: "error", error } : undefined,
 * )
 * const log = await openFsLog("/events", { fileLayer })
 * full = true
 * const writer = log.writable().getWriter()
 * writer.write(new Uint8Array(10))
 * await assert.rejects(writer.close(), { code: "WRITE_FAILED" })
 * ```
 */
export function faultLayer(
  layer: FileLayer,
  decide: (operation: FileOperation) => FileFault | undefined,
): FileLayer {
  async function run<T>(
    name: FileOperation["name"],
    path: string,
    act: () => Promise<T>,
  ): Promise<T> {
    const fault = decide({ name, path, byteLength: 0 })
    if (fault?.type === "error") throw fault.error
    return act()
  }
  const wrap = (file: LayerFile, path: string): LayerFile => ({
    size: () => run("size", path, () => file.size()),
    read: (into, position) => run("read", path, () => file.read(into, position)),
    write: (parts, position) => write(file, path, parts, position),
    async syncData() {
      const fault = decide({ name: "syncData", path, byteLength: 0 })
      if (fault?.type === "error") throw fault.error
      if (fault?.type !== "lie") await file.syncData()
    },
    truncate: (byteLength) => run("truncate", path, () => file.truncate(byteLength)),
    close: () => run("close", path, () => file.close()),
  })
  async function write(
    file: LayerFile,
    path: string,
    parts: readonly Uint8Array[],
    position: number,
  ): Promise<number> {
    const bytes = joined(parts)
    const fault = decide({ name: "write", path, byteLength: bytes.length })
    switch (fault?.type) {
      case undefined:
        return file.write(parts, position)
      case "error":
        throw fault.error
      case "short":
        return file.write([bytes.subarray(0, fault.byteLength)], position)
      case "torn":
        await file.write([bytes.subarray(0, fault.byteLength)], position)
        throw fault.error
      case "lie":
        return bytes.length
      default:
        return fault satisfies never
    }
  }
  return {
    open: (path, mode) => run("open", path, async () => wrap(await layer.open(path, mode), path)),
    list: (directory) => run("list", directory, () => layer.list(directory)),
    makeDirectory: (directory) =>
      run("makeDirectory", directory, () => layer.makeDirectory(directory)),
    rename: (from, to) => run("rename", to, () => layer.rename(from, to)),
    remove: (path) => run("remove", path, () => layer.remove(path)),
    syncDirectory: (directory) =>
      run("syncDirectory", directory, () => layer.syncDirectory(directory)),
    claim: (path, content) => run("claim", path, () => layer.claim(path, content)),
    readText: (path) => layer.readText(path),
    watch: (directory, wake) => layer.watch(directory, wake),
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
