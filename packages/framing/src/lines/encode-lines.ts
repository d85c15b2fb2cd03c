import { checkBytes, concatBytes, isBytes } from "@bellmouth/core"
import { utf8 } from "../utf8/utf8-encoder.ts"

const LF = 10
const CR = 13

/**
 * Encodes lines, text or bytes, each ended by one LF. Bytes are copied once the last line has come:
 * what gives them must not reuse them before.
 *
 * Throws a `TypeError` for a line that would not be read back as it is: one that holds an LF or ends
 * with a CR, and a first one of text that begins with U+FEFF; and for a string instead of lines. Text
 * is written as UTF-8; a lone surrogate becomes U+FFFD.
 *
 * @example Encode lines
 * ```ts
 * import assert from "node:assert/strict"
 * import { encodeLines } from "@bellmouth/framing"
 *
 * assert.equal(new TextDecoder().decode(encodeLines(["a", Uint8Array.of(0x62)])), "a\nb\n")
 * assert.throws(() => encodeLines(["two\nlines"]), TypeError)
 * ```
 */
export function encodeLines(lines: Iterable<string | Uint8Array>): Uint8Array<ArrayBuffer> {
  return lineEncoder()(lines)
}

/** Makes what encodes the lines of one stream, a call at a time. */
export function lineEncoder(): typeof encodeLines {
  let isFirst = true
  return (lines) => {
    if (typeof lines === "string")
      throw new TypeError("Cannot encode lines: a string is its characters; put it in an array")
    const parts: Uint8Array[] = []
    let text = ""
    for (const line of lines) {
      if (typeof line === "string") {
        if (isFirst && line.startsWith("\ufeff"))
          throw refused("it is the first and begins with U+FEFF, which a reader would take off")
        text += `${checkedText(line)}\n`
      } else {
        parts.push(utf8.encode(text), checkedBytes(line))
        text = "\n"
      }
      isFirst = false
    }
    const rest = utf8.encode(text)
    if (parts.length === 0) return rest
    parts.push(rest)
    return concatBytes(parts)
  }
}

function checkedText(line: string): string {
  const lf = line.indexOf("\n")
  if (lf !== -1) throw refused(`it has a line feed at ${lf}`)
  if (line.endsWith("\r")) throw refused("it ends with a CR, which a reader would take off")
  return line
}

function checkedBytes(line: Uint8Array): Uint8Array {
  if (!isBytes(line)) throw refused(`it must be a string or a Uint8Array, not ${typeof line}`)
  checkBytes("encode a line", line)
  const lf = line.indexOf(LF)
  if (lf !== -1) throw refused(`it has a line feed at ${lf}`)
  if (line[line.length - 1] === CR)
    throw refused("it ends with a CR, which a reader would take off")
  return line
}

function refused(state: string): TypeError {
  return new TypeError(`Cannot encode a line: ${state}`)
}
