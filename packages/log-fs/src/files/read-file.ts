import type { FileLayer } from "./file-layer.ts"
import { readRange } from "./write-all.ts"

/** All bytes of a file. */
export async function readFile(layer: FileLayer, path: string): Promise<Uint8Array> {
  const file = await layer.open(path, "read")
  try {
    return await readRange(file, 0, await file.size())
  } finally {
    await file.close()
  }
}
