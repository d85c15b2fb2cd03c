import fc from "fast-check"
import { expect, test } from "vitest"
import { runDecoder } from "../../testing/cuts.ts"
import { cutAt } from "../../testing/hostile.ts"
import { jsonSequenceTwin } from "../../testing/json-sequence-twin.ts"
import { JsonSequenceDecoder } from "./json-sequence-decoder.ts"

const pieces = [
  ...'\x1e\x1e\x1e\n\n\n\r \t[]{},:"\\1',
  ...[
    "\x1e1\n",
    '\x1e{"a":\n[1]}\n',
    "\x1e[1,\n2",
    '"a"',
    '"\\"\n"',
    "null",
    "12",
    '\x1e"é"\n',
    "\ufeff",
  ],
]

test("JsonSequenceDecoder agrees with its slow twin for any text and any cut", () => {
  const seen = new Set<string>()
  let values = 0
  const text = fc.array(fc.constantFrom(...pieces), { maxLength: 14 }).map((all) => all.join(""))
  fc.assert(
    fc.property(text, fc.array(fc.nat(), { maxLength: 6 }), (input, cut) => {
      const faults: unknown[] = []
      const decoder = new JsonSequenceDecoder({
        onError: ({ code, record }) => faults.push([code, record]),
      })
      const chunks = cutAt(new TextEncoder().encode(input), cut)
      const { values: given, error } = runDecoder(decoder, chunks)
      expect(error).toBeUndefined()
      const twin = jsonSequenceTwin(input)
      expect({ values: given, faults }).toStrictEqual(twin)
      for (const [code] of twin.faults) seen.add(code)
      values += given.length
    }),
    { numRuns: 8000 },
  )
  expect([...seen].sort()).toEqual(["INVALID_JSON", "UNTERMINATED"])
  expect(values).toBeGreaterThan(2000)
})
