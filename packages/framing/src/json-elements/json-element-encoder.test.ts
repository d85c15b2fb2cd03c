import { expect, test } from "vitest"
import { JsonElementEncoder } from "./json-element-encoder.ts"

test("JsonElementEncoder goes on after elements that it refused as if they had not been", () => {
  for (const before of [[], [1]]) {
    const encoder = new JsonElementEncoder()
    const parts = [encoder.push(before)]
    expect(() => encoder.push([2, undefined])).toThrow(TypeError)
    parts.push(encoder.push([3]), encoder.finish())
    const text = parts.map((part) => new TextDecoder().decode(part)).join("")
    expect(JSON.parse(text)).toEqual([...before, 3])
  }
})
