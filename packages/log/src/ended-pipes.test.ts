import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { expect, test } from "vitest"
import type { AppendInput, AppendOptions } from "./log.ts"
import { createMemoryLog } from "./memory-log.ts"
import { toOffset } from "./offset.ts"

setFlagsFromString("--expose-gc")
const gc: () => void = runInNewContext("gc")

const PIPES = 20

const endings: Readonly<Record<string, { chunk: AppendInput; options?: AppendOptions }>> = {
  "was closed": { chunk: new Uint8Array(1) },
  "was refused a record": { chunk: new Uint8Array(99) },
  "was refused a sequence": {
    chunk: new Uint8Array(1),
    options: { producer: { id: "gone", epoch: 0, sequence: 9 } },
  },
  "was refused a tail": {
    chunk: new Uint8Array(1),
    options: { expectedTail: toOffset(99) },
  },
}

test.each(Object.entries(endings))("a log does not hold a pipe that %s", async (_, ending) => {
  const log = createMemoryLog({ maxBatchBytes: 9 })
  const pipes: WeakRef<object>[] = []
  const use = async (): Promise<void> => {
    const { readable, writable } = log.append(ending.options)
    pipes.push(new WeakRef(writable))
    const writer = writable.getWriter()
    const writing = writer.write(ending.chunk).then(() => writer.close())
    await Promise.allSettled([writing, writer.closed, Array.fromAsync(readable)])
  }
  for (let pipe = 0; pipe < PIPES; pipe++) await use()
  await new Promise((resolve) => setTimeout(resolve))
  gc()
  // What the machine has used last may still lie on its stack.
  expect(pipes.filter((pipe) => pipe.deref() !== undefined).length).toBeLessThan(PIPES / 4)
  await log.close()
})
