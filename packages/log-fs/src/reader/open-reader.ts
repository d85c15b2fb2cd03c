import { LogError } from "@bellmouth/log"
import { isUnfinished } from "../copy/copy-log.ts"
import type { FileLayer } from "../files/file-layer.ts"
import { isCode } from "../files/node-file-layer.ts"
import { corrupt } from "../segments/log-fault.ts"
import { idSeed } from "../segments/log-id.ts"
import { segmentBases } from "../segments/segment-name.ts"
import { readTail } from "../segments/tail-file.ts"
import type { FsReaderInit } from "./fs-reader.ts"

/**
 * Finds what a reader begins with. The writer's files are not changed.
 *
 * @throws {LogError} `NOT_A_LOG` when there is no log, `CORRUPT` when a part of it is missing.
 */
export async function openReader(layer: FileLayer, directory: string): Promise<FsReaderInit> {
  const found = await listLog(layer, directory)
  if (isUnfinished(found)) throw notALog(directory, UNFINISHED)
  const bases = segmentBases(found)
  const tail = await readTail(layer, directory)
  if (tail === undefined && bases.length === 0) throw notALog(directory, "there is no log in it")
  const record = tail?.record
  if (record === undefined) {
    const reason = `its tail file is ${tail === undefined ? "missing" : "damaged"} (open the log for writing once)`
    throw corrupt({ path: directory, position: 0, reason, offset: 0 })
  }
  return {
    layer,
    directory,
    id: record.id,
    seed: idSeed(record.id),
    level: record.level,
    bases,
    tail: record.tail,
    start: record.start,
  }
}

/** @throws {LogError} `NOT_A_LOG` when there is no directory. */
export async function listLog(layer: FileLayer, directory: string): Promise<string[]> {
  try {
    return await layer.list(directory)
  } catch (error) {
    if (isCode(error, "ENOENT")) throw notALog(directory, "there is no such directory")
    if (isCode(error, "ENOTDIR")) throw notALog(directory, "it is a file")
    throw error
  }
}

/** What a copy says that is not whole. */
export const UNFINISHED = "it is a fork that was never finished (fork to it again, or remove it)"

/** What stands in the way of a log. */
export function notALog(directory: string, state: string): LogError {
  return new LogError(
    "NOT_A_LOG",
    `Cannot open ${directory} as a log: ${state}; give the directory of a log, or open a new or empty one for writing`,
    { path: directory },
  )
}
