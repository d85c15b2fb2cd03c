import type { Schedule } from "./schedule.ts"

/** Settles after `delayMs`, or rejects with the signal's reason as soon as it aborts. */
export function delay(delayMs: number, schedule: Schedule, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const onAbort = (): void => {
      stop()
      reject(signal.reason)
    }
    const stop = schedule(() => {
      signal.removeEventListener("abort", onAbort)
      resolve()
    }, delayMs)
    signal.addEventListener("abort", onAbort, { once: true })
  })
}
