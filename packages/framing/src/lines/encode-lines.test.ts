import { expect, test } from "vitest"
import { encodeLines } from "./encode-lines.ts"

test("encodeLines says why it refuses a line", () => {
  for (const [line, message] of [
    ["ab\nc", "it has a line feed at 2"],
    [Uint8Array.of(1, 10), "it has a line feed at 1"],
    ["ab\r", "it ends with a CR, which a reader would take off"],
    [Uint8Array.of(13), "it ends with a CR, which a reader would take off"],
    ["\ufeffa", "it is the first and begins with U+FEFF, which a reader would take off"],
    [undefined, "it must be a string or a Uint8Array, not undefined"],
    [5, "it must be a string or a Uint8Array, not number"],
  ] as [string, string][]) {
    expect(() => encodeLines([line])).toThrow(`Cannot encode a line: ${message}`)
    expect(() => encodeLines([line])).toThrow(TypeError)
  }
})

test("encodeLines takes no string for its characters", () => {
  expect(() => encodeLines("line")).toThrow("Cannot encode lines: a string is its characters")
  expect(() => encodeLines("")).toThrow(TypeError)
  expect(encodeLines(["line"])).toHaveLength(5)
})

test("encodeLines does not write bytes as none that were transferred before the last line", () => {
  const line = Uint8Array.of(1)
  function* lines(): Generator<Uint8Array> {
    yield line
    structuredClone(line, { transfer: [line.buffer] })
    yield Uint8Array.of(2)
  }
  expect(() => encodeLines(lines())).toThrow(TypeError)
})
