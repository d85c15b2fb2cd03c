import { indentJson, showJson } from "./json-text.ts"

/** One record as the page shows it. */
export interface ShownRecord {
  readonly offset: number
  readonly data: string
  readonly isBinary: boolean
  /** `undefined` for a record that was in the log before the page was opened. */
  readonly receivedAt: Date | undefined
}

const maxLineLength = 400
const maxDetailLength = 200_000
const nameKeys = ["event", "type", "name", "kind", "action", "topic"]
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium", hourCycle: "h23" })

/** Makes the row of a record: a line, and the whole record once it is opened. */
export function recordRow(record: ShownRecord): HTMLLIElement {
  const value = record.isBinary ? undefined : parse(record.data)
  const summary = document.createElement("summary")
  summary.append(
    cell("at", String(record.offset)),
    cell("when", record.receivedAt === undefined ? "earlier" : clock.format(record.receivedAt)),
    cell("name", record.isBinary ? "binary" : nameOf(value)),
    line(record, value),
  )
  const details = document.createElement("details")
  details.append(summary)
  details.addEventListener("toggle", () => {
    if (details.open && details.childElementCount === 1) details.append(detail(record, value))
  })
  const row = document.createElement("li")
  row.className = record.receivedAt === undefined ? "history" : "fresh"
  row.append(details)
  return row
}

function line(record: ShownRecord, value: unknown): HTMLElement {
  const element = cell("line", "")
  const text = record.data.slice(0, maxLineLength)
  if (value === undefined) element.textContent = text
  else showJson(element, text)
  return element
}

function detail(record: ShownRecord, value: unknown): HTMLElement {
  const element = document.createElement("pre")
  const text = record.data.slice(0, maxDetailLength)
  if (value === undefined) element.textContent = text
  else showJson(element, indentJson(text))
  const left = record.data.length - text.length
  if (left > 0) element.append(`\n… and ${left.toLocaleString("en")} characters more`)
  return element
}

function cell(name: string, text: string): HTMLElement {
  const element = document.createElement("span")
  element.className = name
  element.textContent = text
  return element
}

/** What a record calls itself, by the first of the usual keys that holds a short text. */
function nameOf(value: unknown): string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return ""
  const fields = new Map<string, unknown>(Object.entries(value))
  for (const key of nameKeys) {
    const name = fields.get(key)
    if (typeof name === "string" && name.length <= 80) return name
  }
  return ""
}

/** The record's value, or `undefined` when it is not JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // The text itself is shown instead.
  }
}
