/** Enough for a native pipe over several streams to see an end in every runtime. */
const SETTLE_TURNS = 10

/** Throws unless the condition holds. */
export function ok(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(message)
}

/** Throws unless both are the same value, as `Object.is` sees it. */
export function same(actual: unknown, expected: unknown, what = "value"): void {
  if (!Object.is(actual, expected)) {
    throw new Error(`The ${what} is ${show(actual)} instead of ${show(expected)}`)
  }
}

/** Throws unless both have the same structure: plain objects, arrays, byte arrays and primitives. */
export function equal(actual: unknown, expected: unknown, what = "value"): void {
  if (!isEqual(actual, expected)) {
    throw new Error(`The ${what} is ${show(actual)} instead of ${show(expected)}`)
  }
}

/** Gives what a promise is rejected with; throws when it is fulfilled. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  const [settled] = await Promise.allSettled([promise])
  if (settled.status === "rejected") return settled.reason
  throw new Error(`The promise was fulfilled with ${show(settled.value)} instead of rejected`)
}

/** Waits until what is under way has settled: some turns of the event loop, by its own count. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < SETTLE_TURNS; turn++) {
    await new Promise((resolve) => {
      setTimeout(resolve, 0)
    })
  }
}

/** Gives what a call throws; throws when it returns. */
export function thrown(call: () => unknown): unknown {
  let result: unknown
  try {
    result = call()
  } catch (error) {
    return error
  }
  throw new Error(`The call returned ${show(result)} instead of throwing`)
}

function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every(
    (key) => Object.hasOwn(b, key) && isEqual(Reflect.get(a, key), Reflect.get(b, key)),
  )
}

function show(value: unknown): string {
  if (value instanceof Error) return `${value.name}: ${value.message}`
  if (typeof value === "symbol" || value === undefined) return String(value)
  if (value instanceof Uint8Array) return `bytes [${value.join(" ")}]`
  const text = typeof value === "function" ? value.name : JSON.stringify(value)
  return text.length > 300 ? `${text.slice(0, 300)}...` : text
}
