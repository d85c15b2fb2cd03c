import type { SyncTransformer } from "@bellmouth/core"
import { utf8 } from "../utf8/utf8-encoder.ts"

/** As much text is gathered at most: more in one call of the platform's encoder brings nothing. */
const GATHERED_UNITS = 16_384

/** Says how a format is written as text. */
export interface TextFormat<T> {
  encode(value: T): string
  /** The text that ends the stream. */
  finish?(): string
}

/**
 * Binds a text format to a stage that gives one output chunk for the values that are at hand when
 * the consumer asks, and never waits for more: a call of the platform's encoder for each short text
 * would cost several times the text.
 */
export function gatheringEncoder<T>(format: TextFormat<T>): SyncTransformer<T, Uint8Array> {
  let text = ""
  const give = (controller: { enqueue(chunk: Uint8Array): void }): void => {
    const gathered = text
    text = ""
    if (gathered) controller.enqueue(utf8.encode(gathered))
  }
  return {
    transform(value, controller) {
      try {
        text += format.encode(value)
      } catch (reason) {
        // What came before is delivered before the error.
        give(controller)
        throw reason
      }
      if (text.length >= GATHERED_UNITS) give(controller)
    },
    idle: give,
    flush(controller) {
      text += format.finish?.() ?? ""
      give(controller)
    },
    cancel() {
      text = ""
    },
  }
}
