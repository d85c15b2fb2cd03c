import type { FrameWriter } from "./frame-writer.ts"

/** Every chunk that was written and not taken. */
export function takeAll(writer: FrameWriter): Uint8Array[] {
  const chunks: Uint8Array[] = []
  for (let chunk = writer.take(); chunk !== undefined; chunk = writer.take()) chunks.push(chunk)
  return chunks
}
