/**
 * Marks a promise as one that is waited for later, so that its rejection is not reported as
 * unhandled before. Waiting begins with `Turns.settle`, not here.
 */
export function held<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {
    // whoever waits for the promise later sees the rejection
  })
  return promise
}
