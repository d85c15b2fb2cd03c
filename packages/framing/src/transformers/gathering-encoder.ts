import type { SyncTransformer } from "@bellmouth/core"
import { utf8 } from "../utf8/utf8-encoder.ts"

/**
 * Binds a text format to a stage that gives one output chunk for the values that are at hand when
 * the consumer asks, and never waits for more: a call of the platform's encoder for each short text
 * would cost several times the text. `finish` makes the text that ends the stream.
 */
export function gatheringEncoder<T>(
  encode: (value: T) => string,
  finish?: () => string,
): SyncTransformer<T, Uint8Array> {
  let text = ""
  const give = (controller: { enqueue(chunk: Uint8Array): void }): void => {
    const gathered = text
    text = ""
    if (gathered) controller.enqueue(utf8.encode(gathered))
  }
  return {
    transform(value, controller) {
      try {
        text += encode(value)
      } catch (reason) {
        // What came before is delivered before the error.
        give(controller)
        throw reason
      }
      // More in one call of the platform's encoder brings nothing.
      if (text.length >= 16_384) give(controller)
    },
    idle: give,
    flush(controller) {
      text += finish?.() ?? ""
      give(controller)
    },
  }
}
