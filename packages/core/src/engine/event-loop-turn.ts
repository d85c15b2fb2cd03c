interface Turner {
  setImmediate?(callback: () => void): unknown
  scheduler?: { yield?(): Promise<void> }
}

/** Lets the event loop turn once, by the quickest way there is: a timer of 0 ms takes 1 to 4 ms. */
export function eventLoopTurn(): Promise<void> {
  const { scheduler, setImmediate }: Turner = globalThis
  if (scheduler?.yield !== undefined) return scheduler.yield()
  return new Promise((resolve) => {
    if (setImmediate === undefined) setTimeout(resolve, 0)
    else setImmediate(resolve)
  })
}
