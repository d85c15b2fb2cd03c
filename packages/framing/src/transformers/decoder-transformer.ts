import type { SyncTransformer } from "@bellmouth/core"
import type { Emit, IncrementalDecoder } from "./incremental-decoder.ts"

/** Binds a decoder to a stage that gives values one by one. */
export function decoderTransformer<T>(
  decoder: IncrementalDecoder<T>,
): SyncTransformer<Uint8Array, T> {
  return {
    transform: (chunk, controller) => decoder.push(chunk, (value) => controller.enqueue(value)),
    flush: (controller) => decoder.finish((value) => controller.enqueue(value)),
  }
}

/** Binds a decoder to a stage that gives the values of one input chunk as one array. */
export function arrayDecoderTransformer<T>(
  decoder: IncrementalDecoder<T>,
): SyncTransformer<Uint8Array, T[]> {
  let values: T[] = []
  const emit: Emit<T> = (value) => {
    values.push(value)
  }
  emit.all = (more) => {
    if (values.length === 0) values = more
    // What is copied is never longer than what comes: to copy all each time would be quadratic.
    else if (values.length < more.length) values = values.concat(more)
    else for (const value of more) values.push(value)
  }
  return {
    transform: (chunk, controller) => {
      try {
        decoder.push(chunk, emit)
      } finally {
        if (values.length > 0) controller.enqueue(take())
      }
    },
    flush: (controller) => {
      try {
        decoder.finish(emit)
      } finally {
        if (values.length > 0) controller.enqueue(take())
      }
    },
  }

  function take(): T[] {
    const taken = values
    values = []
    return taken
  }
}
