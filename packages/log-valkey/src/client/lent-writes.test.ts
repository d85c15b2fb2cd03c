import fc from "fast-check"
import { expect, test } from "vitest"
import { writeLent } from "./lent-writes.ts"

const LENT_BYTES = 4_096

type Written = string | Uint8Array<ArrayBuffer>

/** A connection that keeps what is written, and when it let go of it. */
class FakeConnection {
  readonly written: Written[] = []
  readonly events: ("cork" | "write" | "uncork")[] = []
  readonly stream = {
    cork: () => void this.events.push("cork"),
    uncork: () => void this.events.push("uncork"),
    write: (data: Written) => {
      this.written.push(data)
      this.events.push("write")
    },
  }

  sendCommand(command: FakeCommand): unknown {
    this.stream.write(command.toWritable())
    return command
  }

  get bytes(): Buffer {
    return Buffer.concat(this.written.map((data) => Buffer.from(data as string)))
  }
}

/** As the library writes it by itself. */
class FakeCommand {
  readonly name = "xadd"
  readonly args: readonly Written[]

  constructor(args: readonly Written[]) {
    this.args = args
  }

  toWritable(): Uint8Array<ArrayBuffer> {
    const words = [this.name, ...this.args].map((word) => Buffer.from(word as string))
    const parts = words.flatMap((word) => [`$${word.length}\r\n`, word, "\r\n"])
    return Buffer.concat(
      [`*${words.length}\r\n`, ...parts].map((part) => Buffer.from(part as string)),
    )
  }
}

const wordArbitrary = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc
    .constantFrom(0, 1, 100, LENT_BYTES - 1, LENT_BYTES, LENT_BYTES + 1, 20_000)
    .map((size) => new Uint8Array(size).fill(0x0d)),
)

test("what is written is what the library writes by itself, in one go, and long arguments as they lie", async () => {
  let lent = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(wordArbitrary, { maxLength: 6 }), { minLength: 1, maxLength: 4 }),
      async (commands) => {
        const [plain, connection] = [new FakeConnection(), new FakeConnection()]
        writeLent(connection)
        for (const words of commands) {
          plain.sendCommand(new FakeCommand(words))
          connection.sendCommand(new FakeCommand(words))
        }
        await Promise.resolve()
        expect(connection.bytes.equals(plain.bytes)).toBe(true)
        expect(connection.events.filter((event) => event !== "write")).toEqual(["cork", "uncork"])
        expect([connection.events[0], connection.events.at(-1)]).toEqual(["cork", "uncork"])
        const long = commands.flat().filter((word) => word.length >= LENT_BYTES)
        const asTheyLie = connection.written.filter((data) => long.includes(data))
        expect(asTheyLie).toEqual(long)
        lent += long.length
      },
    ),
    { numRuns: 200 },
  )
  expect(lent).toBeGreaterThan(50)
})

test("the commands of a later turn are written by themselves", async () => {
  const connection = new FakeConnection()
  writeLent(connection)
  for (let turn = 0; turn < 3; turn++) {
    connection.sendCommand(new FakeCommand([]))
    connection.sendCommand(new FakeCommand([]))
    await Promise.resolve()
  }
  const each = ["cork", "write", "write", "uncork"]
  expect(connection.events).toEqual([...each, ...each, ...each])
})
