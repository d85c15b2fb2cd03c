import { Stage } from "@bellmouth/core"
import { JsonElementEncoder } from "./json-element-encoder.ts"

/**
 * The {@link JsonElementEncoder} as a stage with an array view: the elements of one array (or
 * other iterable) leave as one chunk of bytes.
 *
 * @example Write arrays of records as one array
 * ```ts
 * import assert from "node:assert/strict"
 * import { collectText, from } from "@bellmouth/core"
 * import { JsonElementArrayEncoderStream } from "@bellmouth/framing"
 *
 * const arrays = from([[1, 2], [], [[3]]])
 * const text = await collectText(arrays.pipeThrough(new JsonElementArrayEncoderStream()))
 * assert.equal(text, "[1,2,[3]]")
 * ```
 */
export class JsonElementArrayEncoderStream<T = unknown> extends Stage<Iterable<T>, Uint8Array> {
  constructor() {
    const encoder = new JsonElementEncoder()
    super({
      transform: (elements, controller) => {
        const bytes = encoder.push(elements)
        if (bytes.length > 0) controller.enqueue(bytes)
      },
      flush: (controller) => controller.enqueue(encoder.finish()),
    })
  }
}
