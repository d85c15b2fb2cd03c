import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { expect, test } from "vitest"

const worker = `
  import { workerData } from "node:worker_threads"
  import { connectObjects } from "@bellmouth/mux/objects"
  connectObjects(workerData).serve(({ readable, writable }) => readable.pipeTo(writable))
`

const main = (end: string): string => `
  import { from, toArray } from "@bellmouth/core"
  import { connectObjects } from "@bellmouth/mux/objects"
  import { Worker } from "node:worker_threads"
  const { port1, port2 } = new MessageChannel()
  const thread = new Worker(${JSON.stringify(worker)}, { eval: true, workerData: port2, transferList: [port2] })
  const session = connectObjects(port1)
  const channel = session.open()
  void from(Array.from({ length: 1000 }, (_, n) => ({ n }))).pipeTo(channel.writable)
  console.log((await toArray(channel.readable)).length)
  thread.on("exit", (code) => console.log("exit", code))
  ${end}
`

test.each(["await session.close()", "await session.abort()"])(
  "Behind %s nothing keeps a thread, nor its process",
  async (end) => {
    const args = ["--input-type=module", "-e", main(end)]
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, {
      timeout: 20_000,
    })
    expect(`${stdout}${stderr}`).toBe("1000\nexit 0\n")
  },
)
