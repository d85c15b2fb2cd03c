const LONGEST = 240

/** Writes a value out for a message, cut at 240 characters. */
export function show(value: unknown): string {
  const text = write(value, 0)
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}... (${text.length} characters)` : text
}

const SHORT_LIST = 12

/** Writes a list out; of a long one its length, and what stands around `at`. */
export function showList(list: readonly unknown[], at: number): string {
  if (list.length <= SHORT_LIST) return show(list)
  const from = Math.max(0, at - 2)
  const part = list.slice(from, at + 3)
  return `${list.length} in all, from ${from} on ${show(part)}`
}

function write(value: unknown, depth: number): string {
  if (typeof value === "string") return JSON.stringify(value)
  if (typeof value === "bigint") return `${value}n`
  if (typeof value === "function") return `function ${value.name || "(anonymous)"}`
  if (typeof value !== "object" || value === null) return String(value)
  if (value instanceof Error) return `${value.name}(${JSON.stringify(value.message)})`
  if (value instanceof Uint8Array) return `bytes<${hex(value)}>`
  if (depth > 3) return "..."
  if (Array.isArray(value)) return `[${value.map((each) => write(each, depth + 1)).join(", ")}]`
  const fields = Object.entries(value).map(([key, each]) => `${key}: ${write(each, depth + 1)}`)
  return fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`
}

function hex(bytes: Uint8Array): string {
  const shown = Array.from(bytes.subarray(0, 64), (byte) => byte.toString(16).padStart(2, "0"))
  return shown.join(" ") + (bytes.length > 64 ? ` ... ${bytes.length} bytes` : "")
}
