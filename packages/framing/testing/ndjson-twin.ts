import type { NdjsonDecoderOptions } from "../src/ndjson/ndjson-decoder.ts"

/** What a run of a decoder is, to be compared. */
export interface Outcome {
  values: unknown[]
  error: Record<string, unknown> | undefined
  reports: Record<string, unknown>[]
}

const LF = 10

/**
 * The slow, obvious twin of the NDJSON decoder: takes whole bytes, cuts them at each LF, decodes and
 * judges line by line. It shares no code with the decoder.
 */
export function ndjsonTwin(bytes: Uint8Array, options: NdjsonDecoderOptions = {}): Outcome {
  const { maxLineBytes = 1_048_576, maxDepth = 128, fatal = true } = options
  const outcome: Outcome = { values: [], error: undefined, reports: [] }
  let start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  let record = 1
  for (let line = 1; start < bytes.length; line++) {
    const lf = bytes.indexOf(LF, start)
    const end = lf === -1 ? bytes.length : lf
    const content = bytes.subarray(start, end)
    const judged = judge(content, lf !== -1)
    if (judged !== undefined && "code" in judged) {
      const report = { record, line, byteOffset: start, ...judged }
      if (options.onError === undefined || options.onError === "throw")
        return { ...outcome, error: report }
      outcome.reports.push(report)
      if (judged.code !== "BLANK_LINE") record++
    } else if (judged !== undefined) {
      outcome.values.push(judged.value)
      record++
    }
    start = end + 1
  }
  return outcome

  function judge(
    content: Uint8Array,
    ended: boolean,
  ): { code: string } | { value: unknown } | undefined {
    const long = content.length > maxLineBytes
    if (fatal && !isUtf8(content.subarray(0, maxLineBytes), long)) return { code: "INVALID_UTF8" }
    if (long) return { code: "LINE_TOO_LONG" }
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(content)
    const blank = [...text].every((unit) => " \t\r".includes(unit))
    if (!ended && !blank && options.requireFinalNewline) return { code: "UNTERMINATED" }
    if (blank) return options.blankLines === "error" ? { code: "BLANK_LINE" } : undefined
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      return { code: "INVALID_JSON" }
    }
    return openBrackets(text) > maxDepth ? { code: "TOO_DEEP" } : { value }
  }
}

function isUtf8(bytes: Uint8Array, mayBeCut: boolean): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: mayBeCut })
    return true
  } catch {
    return false
  }
}

/** The most brackets that are open at once, strings left out. */
function openBrackets(text: string): number {
  let depth = 0
  let deepest = 0
  let inString = false
  for (let at = 0; at < text.length; at++) {
    const unit = text[at] ?? ""
    if (inString) {
      if (unit === "\\") at++
      else if (unit === '"') inString = false
    } else if (unit === '"') inString = true
    else if ("[{".includes(unit)) deepest = Math.max(deepest, ++depth)
    else if ("]}".includes(unit)) depth--
  }
  return deepest
}
