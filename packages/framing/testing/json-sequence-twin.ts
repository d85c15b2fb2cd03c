/** What a text holds as a JSON text sequence, and what is wrong with it. */
export interface SequenceReading {
  values: unknown[]
  /** Each fault's code, and the number of its element. */
  faults: [code: string, record: number][]
}

const BLANK = /^[ \t\r\n]*$/

/**
 * The slow, obvious twin of the decoder of JSON sequences: takes a whole text, cuts it at each RS and
 * judges piece by piece. It shares no code with the decoder.
 */
export function jsonSequenceTwin(text: string): SequenceReading {
  const reading: SequenceReading = { values: [], faults: [] }
  const [before = "", ...pieces] = text.replace(/^\ufeff/, "").split("\x1e")
  const record = (): number => reading.values.length + reading.faults.length + 1
  const fault = (code: string): number => reading.faults.push([code, record()])
  if (!BLANK.test(before)) fault("INVALID_JSON")
  for (const piece of pieces) {
    if (BLANK.test(piece)) continue
    const element = wholeElement(piece) ?? piece
    let value: unknown
    try {
      value = JSON.parse(element)
    } catch {
      fault("INVALID_JSON")
      continue
    }
    if (/[^\]}" \t\r\n]$/.test(element)) {
      fault("UNTERMINATED")
      continue
    }
    reading.values.push(value)
    if (!BLANK.test(piece.slice(element.length))) fault("INVALID_JSON")
  }
  return reading
}

/** The lines up to the first after which no string, array or object is open. */
function wholeElement(piece: string): string | undefined {
  let depth = 0
  let inString = false
  for (let at = 0; at < piece.length; at++) {
    const unit = piece.charAt(at)
    if (inString) {
      if (unit === "\\") at++
      else if (unit === '"') inString = false
    } else if (unit === '"') inString = true
    else if (unit === "[" || unit === "{") depth++
    else if ((unit === "]" || unit === "}") && depth > 0) depth--
    else if (unit === "\n" && depth === 0) {
      const lines = piece.slice(0, at + 1)
      if (!BLANK.test(lines)) return lines
    }
  }
  return undefined
}
