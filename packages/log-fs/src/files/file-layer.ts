/**
 * One open file, as a log needs it. A write may store less than it was given, as the system call
 * may; the log goes on where it stopped.
 */
export interface LayerFile {
  size(): Promise<number>
  /** Reads at `position` into `into`; gives how many bytes, 0 at the end of the file. */
  read(into: Uint8Array, position: number): Promise<number>
  /**
   * Writes the parts one after another at `position`; gives how many bytes were written. A layer
   * that has written already when it returns gives the number itself.
   */
  write(parts: readonly Uint8Array[], position: number): number | Promise<number>
  /** fdatasync: settles when the bytes, and what is needed to read them, are on disk. */
  syncData(): Promise<void>
  truncate(byteLength: number): Promise<void>
  close(): Promise<void>
}

/**
 * All that a log asks of a file system. An argument of {@link openFsLog}, so that tests put faults
 * between a log and its disk; {@link nodeFileLayer} is the real one.
 *
 * Errors are those of `node:fs`, with a `code` such as `ENOENT`.
 */
export interface FileLayer {
  /** Opens a file that exists for reading, or for reading and writing, or makes a new, empty one. */
  open(path: string, mode: "read" | "write" | "create"): Promise<LayerFile>
  /** The names in a directory. */
  list(directory: string): Promise<string[]>
  /**
   * Makes a directory, and those above it that are missing; when it settles, the names of those
   * above are on disk. That of the directory itself is so after a sync of the one above it.
   */
  makeDirectory(directory: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  remove(path: string): Promise<void>
  /** fsync of a directory: settles when the names in it are on disk. */
  syncDirectory(directory: string): Promise<void>
  /**
   * Makes a file with its content in one step; gives false when there is one of that name. The content
   * is on disk before the file has its name.
   */
  claim(path: string, content: string | Uint8Array): Promise<boolean>
  /**
   * Gives the text of a small file, or undefined when there is none. A writer asks for its lock with
   * each commit: a layer that has the text at once gives it itself.
   */
  readText(path: string): string | undefined | Promise<string | undefined>
  /** Calls `wake` when something in the directory may have changed, until the result is called. */
  watch(directory: string, wake: () => void): () => void
}
