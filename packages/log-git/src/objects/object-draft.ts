import { writeSync } from "node:fs"
import { type FileHandle, open, rm } from "node:fs/promises"
import { join } from "node:path"

/** The way to another thread and back takes about as long as to write so many bytes. */
const SYNC_BYTES = 131_072

/** A file that will be an object: it has no name yet that git would look under. */
export class ObjectDraft {
  readonly path: string
  readonly #file: FileHandle

  private constructor(path: string, file: FileHandle) {
    this.path = path
    this.#file = file
  }

  static async create(directory: string): Promise<ObjectDraft> {
    // Git removes what has such a name, when nobody has finished it for two weeks.
    const path = join(directory, `tmp_obj_${crypto.randomUUID()}`)
    return new ObjectDraft(path, await open(path, "wx", 0o444))
  }

  /** Writes all of an object, and closes the file; what fails leaves none. */
  async finish(bytes: Uint8Array, isSynced: boolean): Promise<void> {
    try {
      for (let at = 0; at < bytes.length; ) at += await this.#write(bytes, at)
      if (isSynced) await this.#file.sync()
      await this.#file.close()
    } catch (error) {
      await this.discard()
      throw error
    }
  }

  async discard(): Promise<void> {
    // Closed or not, it goes; what failed before is what is told.
    await this.#file.close().catch(() => {})
    await rm(this.path, { force: true })
  }

  #write(bytes: Uint8Array, at: number): number | Promise<number> {
    if (bytes.length <= SYNC_BYTES) return writeSync(this.#file.fd, bytes, at)
    return this.#file.write(bytes, at).then(({ bytesWritten }) => bytesWritten)
  }
}
