import { join } from "node:path"
import { LogError } from "@bellmouth/log"
import type { FileLayer, LayerFile } from "../files/file-layer.ts"
import { readRange, writeAll } from "../files/write-all.ts"
import { corrupt } from "./log-fault.ts"
import {
  decodeSegmentHeader,
  encodeSegmentHeader,
  SEGMENT_HEADER_BYTES,
  type SegmentHeader,
  type SegmentHeaderInit,
} from "./segment-header.ts"
import { segmentName } from "./segment-name.ts"

/** An open segment whose header was checked. */
export interface SegmentFile {
  readonly file: LayerFile
  readonly path: string
  readonly header: SegmentHeader
}

/**
 * Opens the segment of a base, and checks that it is what its name says.
 *
 * @throws {LogError} `CORRUPT` or `UNSUPPORTED_VERSION`.
 */
export async function openSegment(
  layer: FileLayer,
  directory: string,
  base: number,
  mode: "read" | "write",
): Promise<SegmentFile> {
  const path = join(directory, segmentName(base))
  const file = await layer.open(path, mode)
  try {
    return {
      file,
      path,
      header: checkHeader(await readRange(file, 0, SEGMENT_HEADER_BYTES), path, base),
    }
  } catch (error) {
    await file.close()
    throw error
  }
}

/**
 * Makes a segment that is on disk, with its name, before it is used. It never takes the place of
 * another: a writer that was stopped here, and wakes, can not put its own over that of its successor.
 *
 * @throws {LogError} `FENCED` when there is one.
 */
export async function createSegment(
  layer: FileLayer,
  directory: string,
  init: SegmentHeaderInit,
): Promise<SegmentFile> {
  const header = { createdMs: 0, lost: 0, ...init }
  const path = join(directory, segmentName(header.base))
  if (!(await layer.claim(path, encodeSegmentHeader(header)))) {
    throw new LogError(
      "FENCED",
      `Cannot go on in ${path}: another writer has made it; close this log, and open it again`,
      { path },
    )
  }
  await syncNames(layer, directory)
  return { file: await layer.open(path, "write"), path, header }
}

/**
 * Gives a segment a file of its own: what another process still has open is another from here on. Nobody takes
 * the lock as it gets its name: it would be put in the place of what the successor has written.
 */
export async function renewSegment(
  layer: FileLayer,
  directory: string,
  segment: SegmentFile,
  byteLength: number,
  lock: Required<DurableOptions>,
): Promise<SegmentFile> {
  const name = segmentName(segment.header.base)
  const bytes = await readRange(segment.file, 0, byteLength)
  await createDurably(layer, directory, name, bytes, lock)
  await segment.file.close()
  return { ...segment, file: await layer.open(segment.path, "write") }
}

/** What is known of a writer that makes a file, which may be stopped at any moment, and wake. */
export interface DurableOptions {
  /** Its epoch: the file is made under a name that no other writer uses, who would give it the final one. */
  readonly epoch?: number
  /** Does something while no other takes its lock. */
  readonly during?: (act: () => Promise<void>) => Promise<void>
}

/** Makes a file of a name appear with all its bytes on disk, or not at all. */
export async function createDurably(
  layer: FileLayer,
  directory: string,
  name: string,
  bytes: Uint8Array,
  { epoch, during = (act) => act() }: DurableOptions = {},
): Promise<void> {
  const draft = join(directory, epoch === undefined ? `${name}.tmp` : `${name}.${epoch}.tmp`)
  await layer.remove(draft)
  const file = await layer.open(draft, "create")
  try {
    await writeAll(file, [bytes], 0)
    await file.syncData()
  } finally {
    await file.close()
  }
  await during(() => layer.rename(draft, join(directory, name)))
  await syncNames(layer, directory)
}

async function syncNames(layer: FileLayer, directory: string): Promise<void> {
  await layer.syncDirectory(directory)
}

function checkHeader(bytes: Uint8Array, path: string, base: number): SegmentHeader {
  const decoded = decodeSegmentHeader(bytes)
  switch (decoded.type) {
    case "version":
      throw new LogError(
        "UNSUPPORTED_VERSION",
        `Cannot open ${path}: it is of format version ${decoded.version}, and this reads version 1; update`,
        { path },
      )
    case "bad":
      throw corrupt({ path, position: 0, reason: decoded.reason, offset: base })
    case "header": {
      if (decoded.header.base === base) return decoded.header
      const reason = `its header is for offset ${decoded.header.base}`
      throw corrupt({ path, position: 0, reason, offset: base })
    }
    default:
      return decoded satisfies never
  }
}
