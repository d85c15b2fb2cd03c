import { expect, test } from "vitest"
import { decoderSubjects } from "../testing/decoder-subjects.ts"
import { subjectOf } from "../testing/stream-subject.ts"
import * as framing from "./index.ts"

/** By the start of a class's name: two values, and the start of a third. */
const cut: Record<string, [text: string, values: unknown[]]> = {
  Ndjson: ['1\n2\n{"a', [1, 2]],
  Sse: ["data: 1\n\ndata: 2\n\nid: 3\nda", ["1", "2"].map(event)],
  JsonElement: ['[1,2,{"a', [1, 2]],
  JsonSequence: ['\x1e1\n\x1e2\n\x1e{"a', [1, 2]],
  Line: ["1\n2\nthi", ["1", "2"]],
  ByteLine: ["1\n2\nthi", [Uint8Array.of(0x31), Uint8Array.of(0x32)]],
  Frame: ["\x011\x012\x04thi", [Uint8Array.of(0x31), Uint8Array.of(0x32)]],
  Json: ['{"a', []],
}

function event(data: string): object {
  return { type: "message", data, lastEventId: "" }
}

/** A source that gives a cut value, and then waits until it is told how it ends. */
function cutSource(text: string): {
  source: ReadableStream<Uint8Array>
  fail(reason: unknown): void
  cancels: unknown[]
} {
  const cancels: unknown[] = []
  let fail: (reason: unknown) => void = () => {}
  const source = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(text))
      fail = (reason) => controller.error(reason)
    },
    cancel: (reason) => void cancels.push(reason),
  })
  return { source, fail: (reason) => fail(reason), cancels }
}

for (const [name, subject] of Object.entries(decoderSubjects)) {
  const [, start = ""] = /^(.+?)(?:Array)?DecoderStream$/.exec(name) ?? []
  const [text = "", all = []] = cut[start] ?? []
  const values = name.includes("Array") ? [all] : all
  const create = (): ReadableWritablePair<unknown, Uint8Array> =>
    subjectOf(name, subject, framing).create({ transformed() {}, cancelled() {} })

  test(`${name} gives its source's own error behind a cut value`, async () => {
    const { source, fail } = cutSource(text)
    const reader = source.pipeThrough(create()).getReader()
    for (const value of values) expect(await reader.read()).toEqual({ done: false, value })
    const reason = new Error("mine")
    fail(reason)
    await expect(reader.read()).rejects.toBe(reason)
  })

  test(`${name} hands a cancel behind a cut value to its source`, async () => {
    const { source, cancels } = cutSource(text)
    const reader = source.pipeThrough(create()).getReader()
    for (const _ of values) await reader.read()
    const waiting = reader.read()
    await reader.cancel("enough")
    expect(cancels).toEqual(["enough"])
    expect(await waiting).toEqual({ done: true, value: undefined })
  })

  test(`${name} is done at a break out of for await before a cut value`, async () => {
    const { source, cancels } = cutSource(text)
    const readable = source.pipeThrough(create())
    if (values.length > 0) for await (const _ of readable) break
    else await readable.cancel()
    expect(cancels).toHaveLength(1)
    expect(readable.locked).toBe(false)
  })

  test(`${name} gives the reason of an abort behind a cut value`, async () => {
    const { readable, writable } = create()
    const writer = writable.getWriter()
    const reader = readable.getReader()
    const written = writer.write(new TextEncoder().encode(text))
    for (const value of values) expect(await reader.read()).toEqual({ done: false, value })
    const waiting = reader.read()
    await written
    await writer.abort("broken")
    await expect(waiting).rejects.toBe("broken")
    await expect(writer.closed).rejects.toBe("broken")
  })
}

test("there is a cut value for every decoder", () => {
  const found = Object.keys(decoderSubjects).map((name) =>
    name.replace(/(Array)?DecoderStream$/, ""),
  )
  expect(new Set(found)).toEqual(new Set(Object.keys(cut)))
})
