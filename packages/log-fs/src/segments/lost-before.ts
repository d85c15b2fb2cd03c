import type { FileLayer } from "../files/file-layer.ts"
import { openSegment } from "./segment-file.ts"

/** How many records before a segment are known to be lost. */
export async function lostBefore(
  layer: FileLayer,
  directory: string,
  base: number | undefined,
): Promise<number> {
  if (base === undefined) return 0
  try {
    const { file, header } = await openSegment(layer, directory, base, "read")
    await file.close()
    return header.lost
  } catch {
    // What is wrong with that segment is told when it is its turn.
    return 0
  }
}
