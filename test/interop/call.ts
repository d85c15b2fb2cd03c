/** What the head of a channel, or a request's body, asks for. */
export interface Call {
  readonly method: string
  readonly n: number
  readonly size: number
  readonly after: number
  readonly code: number
  readonly ms: number
}

export function encodeCall(call: Partial<Call>): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(call))
}

/** Reads a call; numbers that it does not have are 0. */
export function decodeCall(head: Uint8Array): Call {
  const value: unknown = JSON.parse(new TextDecoder().decode(head))
  if (typeof value !== "object" || value === null) throw new TypeError("Cannot read the call")
  const { method } = value as { readonly method?: unknown }
  const numbers = ["n", "size", "after", "code", "ms"].map((key) => [
    key,
    Number(Reflect.get(value, key) ?? 0),
  ])
  return { method: String(method), ...(Object.fromEntries(numbers) as Omit<Call, "method">) }
}
