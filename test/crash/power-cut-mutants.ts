import type { FileLayer, LayerFile } from "@bellmouth/log-fs"
import type { CrashFileLayer } from "./crash-file-layer.ts"

/** A fault planted between a log and its disk; the power cuts have to find it. */
export type Mutant = (layer: CrashFileLayer) => FileLayer

/** Changes the files that a layer opens. */
function withFiles(
  layer: CrashFileLayer,
  change: (file: LayerFile, path: string) => LayerFile,
): FileLayer {
  return {
    open: async (path, mode) => change(await layer.open(path, mode), path),
    list: (directory) => layer.list(directory),
    makeDirectory: () => layer.makeDirectory(),
    rename: (from, to) => layer.rename(from, to),
    remove: (path) => layer.remove(path),
    syncDirectory: () => layer.syncDirectory(),
    claim: (path, text) => layer.claim(path, text),
    readText: (path) => layer.readText(path),
    watch: () => layer.watch(),
  }
}

const isSegment = (path: string): boolean => path.endsWith(".log")

export const mutants: Readonly<Record<string, Mutant>> = {
  "no fsync": (layer) =>
    withFiles(layer, (file, path) =>
      isSegment(path) ? { ...file, syncData: async () => {} } : file,
    ),
  "fsync of every other commit": (layer) => {
    let count = 0
    return withFiles(layer, (file, path) => ({
      ...file,
      syncData: async () => {
        if (!isSegment(path) || count++ % 2 === 0) await file.syncData()
      },
    }))
  },
  "no fsync of a new file before its rename": (layer) =>
    withFiles(layer, (file, path) =>
      path.endsWith(".tmp") ? { ...file, syncData: async () => {} } : file,
    ),
  "no fsync of the directory": (layer) => ({
    ...withFiles(layer, (file) => file),
    syncDirectory: async () => {},
  }),
  "the tail published before the sync": (layer) => {
    let late: (() => Promise<void>) | undefined
    return withFiles(layer, (file, path) => ({
      ...file,
      syncData: async () => {
        if (!isSegment(path)) return file.syncData()
        late = () => file.syncData()
      },
      write: async (parts, position) => {
        const written = await file.write(parts, position)
        if (path.endsWith("/tail")) {
          await file.syncData()
          await late?.()
          late = undefined
        }
        return written
      },
    }))
  },
  "an early acknowledgement: the write comes with the next one": (layer) => {
    let late: (() => unknown) | undefined
    return withFiles(layer, (file, path) => ({
      ...file,
      write: (parts, position) => {
        if (!isSegment(path) || position === 0) return file.write(parts, position)
        late?.()
        const bytes = new Uint8Array(Buffer.concat(parts))
        late = () => file.write([bytes], position)
        return bytes.length
      },
    }))
  },
}
