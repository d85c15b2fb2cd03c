import { join } from "node:path"
import type { FileLayer } from "../files/file-layer.ts"
import { isCode } from "../files/node-file-layer.ts"
import { readRange, writeAll } from "../files/write-all.ts"
import { indexName } from "./segment-name.ts"
import { SparseIndex } from "./sparse-index.ts"

/**
 * Reads the index beside a sealed segment. It only saves time: one that is missing or damaged is
 * the same as none, and the segment is read from its begin.
 */
export async function readIndex(
  layer: FileLayer,
  directory: string,
  base: number,
  seed: number,
): Promise<SparseIndex | undefined> {
  try {
    const file = await layer.open(join(directory, indexName(base)), "read")
    try {
      return SparseIndex.decode(await readRange(file, 0, await file.size()), seed)
    } finally {
      await file.close()
    }
  } catch (error) {
    if (isCode(error, "ENOENT")) return undefined
    throw error
  }
}

/** Writes the index beside a segment that is sealed. It is not synced: losing it costs time alone. */
export async function writeIndex(
  layer: FileLayer,
  directory: string,
  base: number,
  index: SparseIndex,
  seed: number,
): Promise<void> {
  const path = join(directory, indexName(base))
  // A writer that died while it sealed this segment has left one.
  await layer.remove(path)
  const file = await layer.open(path, "create")
  try {
    await writeAll(file, [index.encode(seed)], 0)
  } finally {
    await file.close()
  }
}
