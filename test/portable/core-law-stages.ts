import type { SyncTransformer } from "@bellmouth/core"
import type { Probe } from "@bellmouth/core/testing"

/** Reports what a stage does to the probe, and does what it was told. */
export function probed<I, O>(
  probe: Probe,
  transformer: SyncTransformer<I, O>,
): SyncTransformer<I, O> {
  return {
    ...transformer,
    transform: (chunk, controller) => {
      probe.transformed()
      transformer.transform?.(chunk, controller)
    },
    cancel: (reason) => {
      probe.cancelled(reason)
      transformer.cancel?.(reason)
    },
  }
}

export const passing = (): SyncTransformer<number, number> => ({
  transform: (chunk, controller) => controller.enqueue(chunk),
})

export const tripling = (): SyncTransformer<number, number> => ({
  transform: (chunk, controller) => {
    for (let copy = 0; copy < 3; copy++) controller.enqueue(chunk)
  },
})

/** Gives each chunk twice, and fails at a negative one after it has given that too. */
export const strict = (): SyncTransformer<number, number> => ({
  transform: (chunk, controller) => {
    controller.enqueue(chunk)
    controller.enqueue(chunk)
    if (chunk < 0) throw new RangeError("a negative chunk")
  },
})

/** Gives each chunk one late, and the last at close. */
export const late = (): SyncTransformer<number, number> => {
  let held: number | undefined
  return {
    transform: (chunk, controller) => {
      if (held !== undefined) controller.enqueue(held)
      held = chunk
    },
    flush: (controller) => {
      if (held !== undefined) controller.enqueue(held)
    },
  }
}

/** Splits text into lines, whatever its chunks are. */
export const lines = (): SyncTransformer<string, string> => {
  let rest = ""
  return {
    transform: (chunk, controller) => {
      const parts = (rest + chunk).split("\n")
      rest = parts.pop() ?? ""
      for (const line of parts) controller.enqueue(line)
    },
    flush: (controller) => {
      if (rest !== "") controller.enqueue(rest)
    },
  }
}
