import type { SyncTransformer } from "@bellmouth/core"

/** Binds a pure encoder to a stage: one output chunk for each input chunk, none for no bytes. */
export function encoderTransformer<T>(
  encode: (chunk: T) => Uint8Array,
): SyncTransformer<T, Uint8Array> {
  return {
    transform: (chunk, controller) => {
      const bytes = encode(chunk)
      if (bytes.length > 0) controller.enqueue(bytes)
    },
  }
}
