import { join } from "node:path"
import { encodeLogName, type LogBackend, LogError } from "@bellmouth/log"
import { type LogHead, loadHead } from "./commits/log-head.ts"
import { runGit } from "./git/git-command.ts"
import { syncDirectory } from "./git/sync-directory.ts"
import { type Oid, zeroOid } from "./objects/object-format.ts"
import { ObjectReader } from "./objects/object-reader.ts"
import { ObjectWriter } from "./objects/object-writer.ts"
import { GitReader } from "./reader/git-reader.ts"
import { RefFile } from "./refs/ref-file.ts"
import { RefUpdater } from "./refs/ref-updater.ts"
import { clearRefLock, type RemovedLock } from "./refs/stale-ref-lock.ts"
import { WriterRegistry } from "./refs/writer-registry.ts"
import { notALog, type Repository } from "./repository.ts"
import { GitWriter } from "./writer/git-writer.ts"
import { type FirstCommit, firstCommit, forkCommit } from "./writer/make-fork.ts"
import { Publisher } from "./writer/publisher.ts"

const REFS = "refs/bellmouth"

/** Where a log is. */
export interface Place {
  readonly repository: Repository
  readonly name: string
  /** The name, as it stands in the ref. */
  readonly token: string
  readonly maxBatchBytes: number
}

/** Opens a log that is there. */
export async function openReader(place: Place): Promise<GitReader> {
  const { repository, name } = place
  const ref = refOf(place)
  const oid = ref.read()
  if (oid === undefined) {
    throw notALog(repository.directory, `it has no log ${JSON.stringify(name)} (${ref.ref})`)
  }
  if (repository.level === "disk") await ref.sync()
  const objects = new ObjectReader(repository, repository.format)
  try {
    const head = await headAt(objects, oid, name)
    return new GitReader({ objects, ref, head, level: repository.level })
  } catch (error) {
    await objects.close()
    throw error
  }
}

export interface OpenedWriter {
  readonly backend: GitWriter
  /** The lock that was removed last: on opening, appending, or forking. */
  readonly removedLock: () => RemovedLock | undefined
}

/** Removes the lock of a ref, if a dead writer has left it; says whether it did. */
type ClearLock = (ref: RefFile, registry: WriterRegistry) => Promise<boolean>

/** Opens a log for writing, or makes it. */
export async function openWriter(place: Place): Promise<OpenedWriter> {
  const { directory, level, objects } = place.repository
  let removed: RemovedLock | undefined
  const clearLock: ClearLock = async (ref, writers) => {
    const lock = await clearRefLock(ref, writers)
    removed = lock ?? removed
    return lock !== undefined
  }
  const registry = await joinWriters(place)
  const parts = writingParts(place, registry, clearLock)
  try {
    await clearLock(parts.ref, registry)
    registry.ready()
    if (level === "disk") {
      for (const folder of [objects, directory]) await syncDirectory(folder)
    }
    const head = await headAt(parts.objects, await findOrMake(place, parts), place.name)
    if (level === "disk") await parts.ref.sync()
    const backend = new GitWriter({
      ...parts,
      head,
      level,
      maxBatchBytes: place.maxBatchBytes,
      pack: () => pack(place.repository),
      fork: (at, name, from) => fork(place, parts.objects, { at, name, from, clearLock }),
      leave: () => registry.leave(),
    })
    return { backend, removedLock: () => removed }
  } catch (error) {
    registry.leave()
    await parts.publisher.close()
    await parts.objects.close()
    throw error
  }
}

interface WritingParts {
  readonly objects: ObjectReader
  readonly ref: RefFile
  readonly publisher: Publisher
}

function joinWriters({ repository, token }: Place): Promise<WriterRegistry> {
  return WriterRegistry.join(join(repository.directory, "bellmouth", token), repository.level)
}

function writingParts(place: Place, registry: WriterRegistry, clear: ClearLock): WritingParts {
  const { repository } = place
  const { level } = repository
  const objects = new ObjectReader(repository, repository.format)
  const ref = refOf(place)
  const writer = new ObjectWriter(repository.objects, level)
  const refs = new RefUpdater(repository)
  const clearLock = (): Promise<boolean> => clear(ref, registry)
  const hasOthers = (): boolean => registry.others().alive.length > 0
  return {
    objects,
    ref,
    publisher: new Publisher({ objects: writer, refs, ref, level, clearLock, hasOthers }),
  }
}

function refOf({ repository, token }: Place): RefFile {
  return new RefFile(repository.directory, repository.format, `${REFS}/${token}`)
}

async function headAt(objects: ObjectReader, oid: Oid, name: string): Promise<LogHead> {
  const { head } = await loadHead(objects, oid, undefined)
  if (head.file.name === name) return head
  throw notALog(
    oid,
    `it is the log ${JSON.stringify(head.file.name)}, under the ref of ${JSON.stringify(name)}`,
  )
}

/** Of several who make the log at the same time, one does, and the others open it. */
async function findOrMake(place: Place, parts: WritingParts): Promise<Oid> {
  const found = parts.ref.read()
  if (found !== undefined) return found
  const file = { id: crypto.randomUUID(), name: place.name, start: 0, sealed: false }
  const first = firstCommit(parts.objects, { ...file, forkedFrom: undefined })
  if (await makeRef(place, parts.publisher, first)) return first.oid
  return findOrMake(place, parts)
}

function makeRef(
  { repository }: Place,
  publisher: Publisher,
  { oid, objects }: FirstCommit,
): Promise<boolean> {
  return publisher.publish(objects, oid, zeroOid(repository.format))
}

interface ForkInit {
  readonly at: number
  readonly name: string
  readonly from: LogHead
  readonly clearLock: ClearLock
}

async function fork(
  place: Place,
  objects: ObjectReader,
  { at, name, from, clearLock }: ForkInit,
): Promise<LogBackend> {
  const target = { ...place, name, token: await encodeLogName(name) }
  const { id, start } = from.file
  const forkedFrom = { id, offset: at }
  const file = { id: crypto.randomUUID(), name, start, sealed: false, forkedFrom }
  const first = await forkCommit(objects, from, at, file)
  const registry = await joinWriters(target)
  const parts = writingParts(target, registry, clearLock)
  try {
    await clearLock(parts.ref, registry)
    registry.ready()
    while (!(await makeRef(target, parts.publisher, first))) {
      // It was locked only.
      if (parts.ref.read() === undefined) continue
      throw new LogError(
        "EXISTS",
        `Cannot fork the log to ${JSON.stringify(name)}: there is such a log; give another name`,
        { path: parts.ref.path },
      )
    }
  } finally {
    registry.leave()
    await parts.publisher.close()
    await parts.objects.close()
  }
  return (await openWriter(target)).backend
}

/** What was packed is on disk, with its name, before what it was packed from goes. */
async function pack(repository: Repository): Promise<void> {
  await runGit(repository, ["repack", "-q"])
  if (repository.level === "disk") {
    await syncDirectory(join(repository.objects, "pack"))
    await syncDirectory(repository.objects)
  }
  await runGit(repository, ["prune-packed", "-q"])
}
