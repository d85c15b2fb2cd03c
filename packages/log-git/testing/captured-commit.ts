import { type Commit, MemoryBackend, openLog, type Producer } from "@bellmouth/log"

class Capturing extends MemoryBackend {
  captured: Commit | undefined

  override commit(commit: Commit): ReturnType<MemoryBackend["commit"]> {
    this.captured = { ...commit, bytes: commit.bytes.slice() }
    return super.commit(commit)
  }
}

/** The commit that a log makes of some batches: what a backend is given. */
export async function capturedCommit(
  batches: readonly (readonly Uint8Array[])[],
  producer?: Producer,
): Promise<Commit> {
  const backend = new Capturing()
  const { sequence = 0 } = producer ?? {}
  // The batches before were stored elsewhere.
  if (producer !== undefined && sequence > 0) {
    backend.producers?.accept({ ...producer, sequence: sequence - 1 })
  }
  const log = openLog(backend)
  const writer = log.writable(producer === undefined ? {} : { producer }).getWriter()
  for (const batch of batches) void writer.write(batch)
  await writer.close()
  if (backend.captured === undefined) throw new Error("Cannot capture a commit: there was none")
  return backend.captured
}
