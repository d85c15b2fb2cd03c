import { expect, test } from "vitest"
import { logConformance } from "./conformance/log-conformance.ts"
import type { Ack, Log } from "./log.ts"
import { createMemoryLog } from "./memory-log.ts"
import { toOffset } from "./offset.ts"

const cases = logConformance({
  supports: {
    append: true,
    producers: true,
    trim: true,
    seal: true,
    fork: "shared",
    reopen: false,
    manyWriters: false,
  },
  create: async () => ({ log: createMemoryLog() }),
})
for (const { name, run, skip } of cases) test.skipIf(skip !== undefined)(`memory log: ${name}`, run)

test("createMemoryLog refuses a maxBatchBytes that is no limit", () => {
  for (const maxBatchBytes of [0, -1, 1.5, Number.NaN, 2 ** 32]) {
    expect(() => createMemoryLog({ maxBatchBytes })).toThrow(RangeError)
  }
})

test("a fork of a fork knows a batch as far as the first fork has kept it", async () => {
  const bytes = new Uint8Array([1])
  const producer = { id: "one", epoch: 0 }
  const send = async (to: Log): Promise<Ack | undefined> => {
    const { readable, writable } = to.append({ producer })
    void writable.getWriter().write([bytes, bytes, bytes])
    return (await readable.getReader().read()).value
  }
  const log = createMemoryLog()
  await send(log)
  const first = await log.fork(toOffset(1), "first")
  const more = first.writable().getWriter()
  await more.write(bytes)
  await more.close()
  const second = await first.fork(toOffset(2), "second")
  const wanted = { offset: 0, count: 1, level: "memory", repeated: true }
  expect(await send(first)).toEqual(wanted)
  expect(await send(second)).toEqual(wanted)
})
