import { expect, test, vi } from "vitest"
import { testDecodeVectors } from "../../testing/decode-vectors.ts"
import { decodeJson } from "./decode-json.ts"
import { JsonDecoder, type JsonDecoderOptions } from "./json-decoder.ts"

testDecodeVectors<JsonDecoderOptions, unknown>("json-decode", (options) => new JsonDecoder(options))

test("JsonDecoder refuses a value that no string holds, by name", () => {
  const cause = new RangeError("Cannot create a string longer than 0x1fffffe8 characters")
  const decode = vi.spyOn(TextDecoder.prototype, "decode").mockImplementation(() => {
    throw cause
  })
  try {
    expect(() => decodeJson(Uint8Array.of(0x31))).toThrow(
      expect.objectContaining({
        code: "VALUE_TOO_LARGE",
        cause,
        message: expect.stringMatching(/1 bytes are more than one string holds; decode its elem/),
      }),
    )
  } finally {
    decode.mockRestore()
  }
})
