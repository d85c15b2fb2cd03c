import { resolve } from "node:path"
import { type CopyOrigin, checkFree, copyLog } from "../copy/copy-log.ts"
import { takeWriteLock } from "../locks/write-lock.ts"
import type { FsWriter } from "./fs-writer.ts"
import { makeDirectory, type OpenWriterInit, openLocked } from "./open-writer.ts"

/** Makes a fork of a log in a directory, and opens it for writing, as its origin was. */
export async function forkWriter(
  init: OpenWriterInit,
  origin: CopyOrigin,
  at: number,
  path: string,
): Promise<FsWriter> {
  const { layer } = init
  const directory = resolve(path)
  await makeDirectory(layer, directory)
  await checkFree(layer, directory)
  const lock = await takeWriteLock(layer, directory, { takeOver: false })
  try {
    // Another may have made a log there before it gave the lock back.
    await checkFree(layer, directory)
    await copyLog(origin, at, directory)
    const { backend } = await openLocked({ ...init, directory }, { ...lock, isAlone: true })
    return backend
  } catch (error) {
    await lock.release()
    throw error
  }
}
