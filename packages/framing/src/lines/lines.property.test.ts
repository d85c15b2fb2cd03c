import fc from "fast-check"
import { expect, test } from "vitest"
import { hex, runDecoder } from "../../testing/cuts.ts"
import { cutAt, hostileBytes } from "../../testing/hostile.ts"
import { ByteLineDecoder } from "./byte-line-decoder.ts"
import { LineDecoder } from "./line-decoder.ts"

const pieces = [..."\n\n\n\r\ra é😀\ufeff\u2028", "\r\n", "abc\n", "é\r\n"]

interface Line {
  bytes: Uint8Array
  ended: boolean
  place: { line: number; byteOffset: number }
}

/** The slow, obvious twin: whole bytes, cut at each LF. */
function linesOf(bytes: Uint8Array, start: number): Line[] {
  const lines: Line[] = []
  let from = start
  for (let at = from; at <= bytes.length; at++) {
    const ended = bytes[at] === 10
    if (!ended && (at < bytes.length || at === from)) continue
    const place = { line: lines.length + 1, byteOffset: from }
    lines.push({ bytes: bytes.subarray(from, at), ended, place })
    from = at + 1
  }
  return lines
}

const withoutCr = ({ bytes, ended }: Line): Uint8Array =>
  ended && bytes.at(-1) === 13 ? bytes.subarray(0, -1) : bytes

function textOf(bytes: Uint8Array, fatal: boolean, stream = false): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal, ignoreBOM: true }).decode(bytes, { stream })
  } catch {
    return undefined
  }
}

/** What is wrong with a line of text, if anything. */
function faultOf({ bytes, ended }: Line, most: number, fatal: boolean, strict: boolean): string {
  if (textOf(bytes.subarray(0, most), fatal, bytes.length > most) === undefined)
    return "INVALID_UTF8"
  if (bytes.length > most) return "LINE_TOO_LONG"
  return strict && !ended ? "UNTERMINATED" : ""
}

test("LineDecoder agrees with its slow twin for any bytes, any cut and any option", () => {
  const seen = new Set<string>()
  const limits = fc.constantFrom(1, 2, 3, 6, 1_048_576)
  fc.assert(
    fc.property(
      hostileBytes(pieces),
      fc.array(fc.nat(), { maxLength: 6 }),
      fc.record({ maxLineBytes: limits, fatal: fc.boolean(), requireFinalNewline: fc.boolean() }),
      (bytes, cut, options) => {
        const reports: unknown[] = []
        const decoder = new LineDecoder({
          ...options,
          onError: ({ code, line, record, byteOffset, excerpt = "" }) => {
            expect(record).toBe(line)
            expect(excerpt.length).toBeLessThanOrEqual(64)
            reports.push({ code, line, byteOffset })
          },
        })
        const { values, error } = runDecoder(decoder, cutAt(bytes, cut))
        expect(error).toBeUndefined()
        const { maxLineBytes, fatal, requireFinalNewline } = options
        const expected = { values: [] as unknown[], reports: [] as unknown[] }
        for (const each of linesOf(bytes, hex(bytes).startsWith("efbbbf") ? 3 : 0)) {
          const code = faultOf(each, maxLineBytes, fatal, requireFinalNewline)
          seen.add(code)
          if (code === "") expected.values.push(textOf(withoutCr(each), fatal))
          else expected.reports.push({ code, ...each.place })
        }
        expect({ values, reports }).toStrictEqual(expected)
      },
    ),
    { numRuns: 4000 },
  )
  expect([...seen].sort()).toEqual(["", "INVALID_UTF8", "LINE_TOO_LONG", "UNTERMINATED"])
})

test("ByteLineDecoder agrees with its slow twin for any bytes, any cut and any option", () => {
  const seen = new Set<string>()
  const limits = fc.constantFrom(1, 2, 3, 6, 1_048_576)
  fc.assert(
    fc.property(
      hostileBytes(pieces),
      fc.array(fc.nat(), { maxLength: 6 }),
      fc.record({ maxLineBytes: limits, requireFinalNewline: fc.boolean() }),
      (bytes, cut, options) => {
        const decoder = new ByteLineDecoder(options)
        const { values, error } = runDecoder(decoder, cutAt(bytes, cut), hex)
        const expected: unknown[] = []
        let fault: object | undefined
        for (const each of linesOf(bytes, 0)) {
          const { maxLineBytes, requireFinalNewline } = options
          const code = faultOf(each, maxLineBytes, false, requireFinalNewline)
          seen.add(code)
          if (code === "") expected.push(hex(withoutCr(each)))
          else {
            fault = { code, ...each.place }
            break
          }
        }
        expect(values).toStrictEqual(expected)
        if (fault === undefined) expect(error).toBeUndefined()
        else expect(error).toMatchObject(fault)
      },
    ),
    { numRuns: 3000 },
  )
  expect([...seen].sort()).toEqual(["", "LINE_TOO_LONG", "UNTERMINATED"])
})
