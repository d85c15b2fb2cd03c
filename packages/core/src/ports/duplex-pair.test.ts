import { expect, test } from "vitest"
import { checkLaws } from "../testing/index.ts"
import { Turns } from "../testing/turns.ts"
import { duplexPair } from "./duplex-pair.ts"

const turns = new Turns({ turn: () => Promise.resolve(), quietTurns: 32 })

test("each direction of duplexPair keeps the laws", async () => {
  for (const from of [0, 1] as const) {
    const report = await checkLaws<number, number>({
      create() {
        const pair = duplexPair<number>()
        return { writable: pair[from].writable, readable: pair[from === 0 ? 1 : 0].readable }
      },
      inputs: [1, 2, 3, 4, 5],
      outputs: [1, 2, 3, 4, 5],
    })
    expect(report.held).toBeGreaterThanOrEqual(11)
  }
})

test("the directions of duplexPair end independently", async () => {
  const [one, other] = duplexPair<string>()
  await one.writable.close()
  expect((await other.readable.getReader().read()).done).toBe(true)
  const write = other.writable.getWriter().write("still open")
  expect((await one.readable.getReader().read()).value).toBe("still open")
  await write
})

test("an option gives both directions of duplexPair a queue", async () => {
  const [one, other] = duplexPair<number>({ readableStrategy: { highWaterMark: 3 } })
  for (const end of [one, other]) {
    const writer = end.writable.getWriter()
    const writes = [1, 2, 3].map((n) => writer.write(n))
    expect((await turns.settle(Promise.all(writes))).state).toBe("fulfilled")
    expect((await turns.settle(writer.write(4))).state).toBe("pending")
  }
})
