import { LogError } from "@bellmouth/log"
import fc from "fast-check"
import { expect, test } from "vitest"
import { capturedCommit } from "../../testing/captured-commit.ts"
import { decodeCommit } from "../objects/commit-object.ts"
import type { Oid } from "../objects/object-format.ts"
import { decodeTree, encodeTree } from "../objects/tree-object.ts"
import { decodeAppend, encodeInline } from "./append-message.ts"
import { decodeCheckpoint } from "./checkpoint.ts"
import { decodeLogFile } from "./log-file.ts"
import { toBatches } from "./record-batches.ts"

const odd = fc.constantFrom(
  "",
  "\n",
  "\0",
  "\r\n",
  "a",
  "é",
  "Batches: 1 x 1 lines 1",
  "\ud83d\ude00",
)
const record = fc.oneof(
  fc.array(odd, { maxLength: 4 }).map((parts) => Buffer.from(parts.join(""))),
  fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
)
const batches = fc.array(fc.array(record, { minLength: 1, maxLength: 3 }), {
  minLength: 1,
  maxLength: 12,
})
const producer = fc.option(
  fc.record({ id: fc.string({ minLength: 1, unit: "grapheme" }), epoch: fc.nat() }),
  { nil: undefined },
)
const commit = "1".repeat(40) as Oid

/** What a message says, or undefined when it is refused as damaged. */
function readMessage(message: Buffer): string[] | undefined {
  const append = decodeAppend(message, "sha1")
  if (append === undefined || typeof append.body === "string") return undefined
  try {
    const { offset, count, body } = append
    const read = toBatches(append, body, { offset, count, commit })
    return read.flatMap((batch) =>
      Array.from(batch, ({ data }) => Buffer.from(data).toString("hex")),
    )
  } catch (error) {
    expect(error).toBeInstanceOf(LogError)
    return undefined
  }
}

test("any batches of any records come back from the message as they were", async () => {
  let seenBase64 = 0
  const property = fc.asyncProperty(batches, producer, fc.nat(), async (wanted, sender, offset) => {
    const { count, runs, bytes } = await capturedCommit(wanted, sender)
    const message = Buffer.from(encodeInline({ offset, count, runs, bytes }))
    if (message.includes(" base64\n")) seenBase64++
    const append = decodeAppend(message, "sha1")
    if (append === undefined) return expect.fail("it is no commit of records")
    expect(readMessage(message)).toEqual(wanted.flat().map((each) => each.toString("hex")))
    // Batches and senders are kept, however the runs were parted.
    const unrolled = append.runs.flatMap((run) =>
      Array.from({ length: run.batches }, () => run.count),
    )
    expect(unrolled).toEqual(wanted.map((batch) => batch.length))
    const sequences = append.runs.flatMap((run) =>
      Array.from({ length: run.batches }, (_, n) => (run.producer?.sequence ?? Number.NaN) + n),
    )
    if (sender !== undefined) expect(sequences).toEqual(wanted.map((_, n) => n))
    for (const run of append.runs) expect(run.producer?.id).toBe(sender?.id)
  })
  await fc.assert(property, { numRuns: 300 })
  expect(seenBase64).toBeGreaterThan(50)
})

test("a message with any byte changed is refused, or is whole in itself", async () => {
  const { count, runs, bytes } = await capturedCommit(
    [[Buffer.from("one")], [Buffer.from("t\nwo"), Buffer.from("")], [Buffer.of(0)]],
    { id: "till", epoch: 1 },
  )
  const message = Buffer.from(encodeInline({ offset: 5, count, runs, bytes }))
  let [refused, read] = [0, 0]
  for (let at = 0; at < message.length; at++) {
    for (const byte of [0, 0x0a, 0x20, 0x30, 0x39, 0x61, 0xff]) {
      const changed = Buffer.from(message)
      changed[at] = byte
      const found = readMessage(changed)
      if (found === undefined) refused++
      else read++
      if (found !== undefined) expect(found.length).toBe(count)
    }
    // Without its last trailer it is a message of no producer: that it is another, its name tells.
    const cut = readMessage(message.subarray(0, at))
    if (cut !== undefined) expect(message.subarray(at).toString()).toMatch(/^Producer: /)
  }
  expect(refused).toBeGreaterThan(read)
})

test("what is laid out in no way we know is damage, whatever the bytes, and no other error", () => {
  const near = fc.constantFrom(
    "tree ",
    "parent ",
    "100644 ",
    "40000 a\0",
    "\n\n",
    '{"version":1',
    "[",
    "}",
    "\n",
  )
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 80 }).map((each) => Buffer.from(each)),
    fc
      .array(fc.oneof(near, fc.string()), { maxLength: 8 })
      .map((parts) => Buffer.from(parts.join(""))),
  )
  fc.assert(
    fc.property(bytes, (content) => {
      for (const format of ["sha1", "sha256"] as const) {
        const tree = decodeTree(content, format)
        if (tree !== undefined) expect(decodeTree(encodeTree(tree), format)).toEqual(tree)
        decodeCommit(content, format)
        decodeAppend(content, format)
        decodeCheckpoint(content, format)
      }
      expect(() => decodeLogFile(content, "log")).toThrow(LogError)
    }),
    { numRuns: 2_000 },
  )
})
