import type { SseEvent } from "../src/sse/sse-event.ts"

/** What an event stream holds, read as the HTML standard says. */
export interface SseReading {
  events: SseEvent[]
  comments: string[]
  retries: number[]
  lastEventId: string
  /** The size of the largest event that was begun, as `maxEventBytes` counts it. */
  largest: number
}

/**
 * The slow, obvious twin of the SSE decoder: decodes whole bytes, cuts the text into lines by the
 * standard's grammar, and follows its steps. It shares no code with the decoder.
 */
export function sseTwin(bytes: Uint8Array, lastEventId = ""): SseReading {
  // A character that the end cuts is left out: it belongs to a line that is discarded.
  const text = new TextDecoder("utf-8").decode(bytes, { stream: true })
  const reading: SseReading = { events: [], comments: [], retries: [], lastEventId, largest: 0 }
  let data = ""
  let type = ""
  let id = lastEventId
  let size = 0
  const lines = text.split(/\r\n|\r|\n/)
  for (const [index, line] of lines.entries()) {
    const unterminated = index === lines.length - 1
    const colon = line.indexOf(":")
    const field = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "")
    const known = ["data", "event", "id", "retry"].includes(field)
    if (known && (colon !== -1 || !unterminated)) size += new TextEncoder().encode(line).length
    reading.largest = Math.max(reading.largest, size)
    if (unterminated) break
    if (line === "") {
      size = 0
      reading.lastEventId = id
      if (data !== "")
        reading.events.push({
          type: type === "" ? "message" : type,
          data: data.slice(0, -1),
          lastEventId: id,
        })
      data = ""
      type = ""
    } else if (colon === 0) reading.comments.push(value)
    else if (field === "data") data += `${value}\n`
    else if (field === "event") type = value
    else if (field === "id" && !value.includes("\0")) id = value
    else if (field === "retry" && /^[0-9]+$/.test(value)) reading.retries.push(Number(value))
  }
  return reading
}
