import { toOffset } from "@bellmouth/log"
import fc from "fast-check"
import { expect, test } from "vitest"
import { HttpError } from "./http-error.ts"
import { decodeResumeId, encodeResumeId } from "./resume-id.ts"

test("a resume id carries any log id and offset, in visible ASCII", () => {
  const logIds = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(logIds, fc.maxSafeNat(), (log, offset) => {
      const id = encodeResumeId({ log, offset: toOffset(offset) })
      expect(id).toMatch(/^[A-Za-z0-9\-_.!~*()%]+$/)
      expect(decodeResumeId(id)).toEqual({ log, offset })
    }),
    { numRuns: 500 },
  )
})

test.each([
  ["", "no dot"],
  ["17", "a bare number"],
  [".17", "no log"],
  ["log.", "no offset"],
  ["log.-1", "a sign"],
  ["log.017", "a leading zero"],
  ["log.1e3", "an exponent"],
  ["log.９", "digits that are not ASCII"],
  ["log.9007199254740992", "2^53"],
  ["lo g.1", "a raw space"],
  ["%.1", "broken percent-encoding"],
  ["%6cog.1", "needless percent-encoding"],
  [`${"l".repeat(300)}.1`, "too long"],
])("a resume id %j is refused: %s", (text) => {
  expect(() => decodeResumeId(text)).toThrow(HttpError)
  expect(() => decodeResumeId(text)).toThrow(/^Cannot resume from /)
})

test("a log id that no header can carry is refused", () => {
  expect(() => encodeResumeId({ log: "", offset: toOffset(0) })).toThrow(RangeError)
  expect(() => encodeResumeId({ log: "x".repeat(240), offset: toOffset(0) })).toThrow(RangeError)
})
