/**
 * The process that is killed: appends to a log, and says on stdout what was acknowledged. Its file
 * layer makes three writes of each, so that a kill leaves torn frames behind.
 *
 * Arguments: the directory, the number of this run, and how its file layer behaves.
 */
import { writeSync } from "node:fs"
import { type FileLayer, type LayerFile, nodeFileLayer, openFsLog } from "@bellmouth/log-fs"
import { recordOf } from "./kill-record.ts"

const [directory = "", run = "0", behaviour = "honest"] = process.argv.slice(2)
const WRITERS = 24
/** Between the parts of a write passes about as much time as a sync takes, so that kills hit both. */
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1))

function split(file: LayerFile): LayerFile {
  return {
    ...wrap(file),
    async write(parts, position) {
      const bytes = Buffer.concat(parts)
      const third = Math.ceil(bytes.length / 3)
      for (let at = 0; at < bytes.length; at += third) {
        await file.write([bytes.subarray(at, at + third)], position + at)
        if (position > 0) await pause()
      }
      return bytes.length
    },
  }
}

/** The planted fault: says that it has written, and writes a little later. */
function late(file: LayerFile): LayerFile {
  return {
    ...wrap(file),
    write(parts, position) {
      const bytes = Buffer.concat(parts)
      setTimeout(() => void file.write([bytes], position), 5)
      return bytes.length
    },
    syncData: async () => {},
  }
}

function wrap(file: LayerFile): LayerFile {
  return {
    size: () => file.size(),
    read: (into, position) => file.read(into, position),
    write: (parts, position) => file.write(parts, position),
    syncData: () => file.syncData(),
    truncate: (byteLength) => file.truncate(byteLength),
    close: () => file.close(),
  }
}

const fileLayer: FileLayer = {
  ...nodeFileLayer,
  async open(path, mode) {
    const file = await nodeFileLayer.open(path, mode)
    return behaviour === "late" && mode === "write" ? late(file) : split(file)
  },
}

// A new segment takes longer than a late write is late: the planted fault goes without.
const segmentBytes = behaviour === "late" ? 67_108_864 : 65_536
const log = await openFsLog(directory, { fileLayer, segmentBytes })
writeSync(1, `open ${await log.tail()} ${log.recovery?.byteLength ?? 0}\n`)

async function write(writer: number): Promise<void> {
  const { readable, writable } = log.append()
  const [into, acks] = [writable.getWriter(), readable.getReader()]
  for (let n = 0; ; n++) {
    const name = `${run}/${writer}/${n}`
    const records = Array.from({ length: 1 + (n % 3) }, (_, part) => recordOf(`${name}/${part}`))
    void into.write(records)
    const { value } = await acks.read()
    if (value === undefined) return
    writeSync(1, `ack ${value.offset} ${value.count} ${name}\n`)
  }
}

await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)))
