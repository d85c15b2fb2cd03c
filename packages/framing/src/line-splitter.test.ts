import { afterEach, expect, test, vi } from "vitest"
import { runDecoder } from "../testing/cuts.ts"
import { LineDecoder } from "./line-decoder.ts"

const utf8 = new TextEncoder()

afterEach(() => {
  vi.unstubAllGlobals()
})

/** Decodes 64 KiB of short lines, and counts the decoders of UTF-8 that are made for it. */
function decodersMade(fatal: boolean, badBytes: number): number {
  let made = 0
  class CountedDecoder extends TextDecoder {
    constructor(...args: ConstructorParameters<typeof TextDecoder>) {
      super(...args)
      made += 1
    }
  }
  vi.stubGlobal("TextDecoder", CountedDecoder)
  const bytes = utf8.encode("0123456\n".repeat(8192))
  bytes.fill(0xff, 3, 3 + badBytes)
  const decoder = new LineDecoder({ fatal, onError: "skip" })
  const { values } = runDecoder(decoder, [bytes])
  expect(values).toHaveLength(fatal && badBytes > 0 ? 8191 : 8192)
  return made
}

test("replacing a bad byte makes no decoder for each line around it", () => {
  expect(decodersMade(false, 1)).toBe(decodersMade(false, 0))
  expect(decodersMade(true, 1)).toBeGreaterThan(decodersMade(true, 0))
})
