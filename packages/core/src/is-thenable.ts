/** Whether `value` is a promise of any make. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  const isObject = (typeof value === "object" && value !== null) || typeof value === "function"
  return isObject && "then" in value && typeof value.then === "function"
}
