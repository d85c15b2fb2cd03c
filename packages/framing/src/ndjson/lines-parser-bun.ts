import type { TakeLines } from "../lines/line-splitter.ts"

/** What there is of Bun here. */
declare const Bun: {
  readonly JSONL?: {
    parseChunk(input: Uint8Array | string): { readonly values: unknown[]; readonly error: unknown }
  }
}
declare const process: {
  getBuiltinModule(name: "node:buffer"): { isAscii(bytes: Uint8Array): boolean }
}

/** What of the decoder's options matters here. */
interface LinesParserOptions {
  readonly maxLineBytes?: number | undefined
  readonly requireFinalNewline?: boolean | undefined
  readonly parse?: unknown
}

const LF = 10
const BRACKET = 91
const BRACE = 123
/** For less, the call takes longer than the parser saves. */
const LEAST_BYTES = 512
/** More is one long line. */
const MOST_BYTES = 1_048_576

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/**
 * Makes what parses whole NDJSON lines by Bun's own parser of them; `undefined` where this Bun has
 * none, or where the options want lines to be looked at.
 *
 * That parser wants nothing but white space between a value and the next LF, but lets a value span
 * lines. So each line is one value if none is empty and there are as many values as lines. It takes
 * invalid UTF-8, and is slow for bytes that are not ASCII: those are decoded first. Lines that it
 * refuses, that are blank or may be too deep are taken one by one, to say what is wrong where.
 */
export function linesParser<T>(
  options: LinesParserOptions,
  maxDepth: number,
): TakeLines<T> | undefined {
  const { JSONL } = Bun
  if (JSONL === undefined || options.parse || options.requireFinalNewline) return undefined
  const maxBytes = Math.min(options.maxLineBytes ?? MOST_BYTES, MOST_BYTES)
  const { isAscii } = process.getBuiltinModule("node:buffer")
  return (bytes) => {
    if (bytes.length < LEAST_BYTES || bytes.length > maxBytes) return undefined
    const lines = countLines(bytes, maxDepth)
    if (lines === 0) return undefined
    let text: Uint8Array | string = bytes
    try {
      // This runtime's strict decoder is quicker than to search for what another has replaced.
      if (!isAscii(bytes)) text = utf8.decode(bytes)
    } catch {
      return undefined // Not UTF-8, which is reported when the lines are taken one by one.
    }
    const { values, error } = JSONL.parseChunk(text)
    // What the values are is the caller's claim, as with `JSON.parse`.
    return error === null && values.length === lines ? (values as T[]) : undefined
  }
}

/** Counts the lines; gives 0 where one is empty or may be too deep. */
function countLines(bytes: Uint8Array, maxDepth: number): number {
  const openers: Opener[] = [{ byte: BRACE, next: -1 }]
  if (bytes.includes(BRACKET)) openers.push({ byte: BRACKET, next: -1 })
  // A level takes an opener and a closer; without arrays a key and a colon as well: `{"":{}}`.
  const width = openers.length === 1 ? 5 : 2
  const most = width * maxDepth
  let lines = 0
  let at = 0
  for (let lf = bytes.indexOf(LF); lf !== -1; lf = bytes.indexOf(LF, at)) {
    if (lf === at) return 0
    // Most lines are shorter, and to call it for each of them is a thirtieth of the time.
    if (lf - at > most && mayExceed(bytes, at, lf, maxDepth, openers, width)) return 0
    lines += 1
    at = lf + 1
  }
  return lines
}

/** A byte that opens a level, and where the next one was found. */
interface Opener {
  readonly byte: number
  next: number
}

/** Whether a line has as many openers behind its first byte as the depth allows, strings included. */
function mayExceed(
  bytes: Uint8Array,
  start: number,
  end: number,
  maxDepth: number,
  openers: readonly Opener[],
  width: number,
): boolean {
  let left = maxDepth
  for (const opener of openers) {
    if (opener.next <= start) opener.next = find(bytes, opener.byte, start + 1)
    for (; opener.next < end && left > 0; left--) {
      // Too late for so many levels: the innermost takes two bytes, and one around it a closer.
      if (width === 5 && opener.next + width * left > end + 2) return false
      opener.next = find(bytes, opener.byte, opener.next + 1)
    }
  }
  return left === 0
}

/** Finds a byte, or the end. */
function find(bytes: Uint8Array, byte: number, from: number): number {
  const at = bytes.indexOf(byte, from)
  return at === -1 ? bytes.length : at
}
