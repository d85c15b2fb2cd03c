import { LogError } from "@bellmouth/log"
import { faultLayer, MemoryFileLayer } from "@bellmouth/log-fs/testing"
import type { LogFs } from "./planted-fault.ts"

const RECORDS = 6
const SEGMENT_BYTES = 200

/** Makes each write of a log short, one in each run; gives how many runs, and what was lost. */
export async function shortWrites(open: LogFs["openFsLog"]) {
  const failures: string[] = []
  let runs = 0
  for (const kept of [0.5, 0.01, 0.99]) {
    let hasMet = true
    for (let at = 1; hasMet; at++) {
      hasMet = false
      const files = new MemoryFileLayer()
      let writes = 0
      const fileLayer = faultLayer(files, ({ name, byteLength }) => {
        if (name !== "write" || ++writes !== at) return undefined
        hasMet = true
        return { type: "short", byteLength: Math.ceil(byteLength * kept) }
      })
      runs++
      const failure = await appendAndRead(open, fileLayer)
      if (failure !== undefined) failures.push(`write ${at}, ${kept} of it: ${failure}`)
    }
  }
  return { runs, failures }
}

async function appendAndRead(
  open: LogFs["openFsLog"],
  fileLayer: NonNullable<Parameters<LogFs["openFsLog"]>[1]>["fileLayer"] & object,
): Promise<string | undefined> {
  const wanted: string[] = []
  try {
    const log = await open("/log", { fileLayer, segmentBytes: SEGMENT_BYTES })
    for (let n = 0; n < RECORDS; n++) {
      const { readable, writable } = log.append()
      const writer = writable.getWriter()
      writer.write(new TextEncoder().encode(`record ${n}`)).catch(() => {})
      writer.close().catch(() => {})
      if ((await readable.getReader().read()).done) break
      wanted.push(`record ${n}`)
    }
    await log.close()
    await using again = await open("/log", { fileLayer, segmentBytes: SEGMENT_BYTES })
    const seen: string[] = []
    for await (const { data } of again.replay()) seen.push(new TextDecoder().decode(data))
    return seen.join() === wanted.join() ? undefined : `${seen.join()}, and not ${wanted.join()}`
  } catch (error) {
    if (!(error instanceof LogError)) throw error
    return String(error)
  }
}
