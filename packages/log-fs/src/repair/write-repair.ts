import { join } from "node:path"
import type { FileLayer } from "../files/file-layer.ts"
import { readFile } from "../files/read-file.ts"
import { encodeProducerState } from "../segments/producer-state.ts"
import { createDurably } from "../segments/segment-file.ts"
import { encodeSegmentHeader } from "../segments/segment-header.ts"
import { indexName, segmentName, stateName } from "../segments/segment-name.ts"
import type { NewSegment } from "./repair-plan.ts"
import type { RepairReport } from "./repair-report.ts"

/** Copies a file of a log, on disk before this settles, unless there is such a copy; gives its path. */
export async function keepAside(
  layer: FileLayer,
  directory: string,
  name: string,
): Promise<string> {
  const bytes = await readFile(layer, join(directory, name))
  const broken = `${name.replace(/\.log$/, "")}.broken`
  const taken = new Set(await layer.list(directory))
  let free = broken
  for (let next = 2; taken.has(free); next++) {
    const there = await readFile(layer, join(directory, free))
    // A repair that was stopped has made it.
    if (Buffer.compare(there, bytes) === 0) return join(directory, free)
    free = `${broken}-${next}`
  }
  await createDurably(layer, directory, free, bytes)
  return join(directory, free)
}

/**
 * Puts segments in the place of one. The last comes first, and that which takes the name of the damaged one
 * at the end: until then the damage is there to be found.
 */
export async function replaceSegment(
  layer: FileLayer,
  directory: string,
  base: number | undefined,
  made: readonly NewSegment[],
  seed: number,
): Promise<void> {
  const path = base === undefined ? undefined : join(directory, segmentName(base))
  const bytes = path === undefined ? new Uint8Array(0) : await readFile(layer, path)
  for (const { header, position, end, state } of [...made].reverse()) {
    if (state !== undefined && header.base > 0) {
      const encoded = encodeProducerState(state, seed)
      await createDurably(layer, directory, stateName(header.base), encoded)
    }
    await layer.remove(join(directory, indexName(header.base)))
    const parts = [encodeSegmentHeader(header), bytes.subarray(position, end)]
    await createDurably(layer, directory, segmentName(header.base), Buffer.concat(parts))
  }
  if (base === undefined || path === undefined) return
  if (made.some(({ header }) => header.base === base)) return
  for (const gone of [path, join(directory, indexName(base))]) await layer.remove(gone)
  await layer.syncDirectory(directory)
}

/** Writes what was done beside the log; gives the path. */
export async function writeReport(
  layer: FileLayer,
  directory: string,
  report: RepairReport,
): Promise<string> {
  const taken = new Set(await layer.list(directory))
  let name = "repair.json"
  for (let next = 2; taken.has(name); next++) name = `repair.json-${next}`
  const text = `${JSON.stringify(report, undefined, 2)}\n`
  await createDurably(layer, directory, name, new TextEncoder().encode(text))
  return join(directory, name)
}
