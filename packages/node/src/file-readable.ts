import { type FileHandle, open } from "node:fs/promises"
import { AdapterError, systemErrorCode } from "./adapter-error.ts"

/** What `fileReadable` takes. */
export interface FileReadableOptions {
  /** The most bytes of one chunk. Default 65,536. */
  readonly chunkBytes?: number
}

/**
 * The bytes of a file, read one chunk per pull into memory that the consumer then owns.
 *
 * The file is opened by the first pull and closed at its end, on an error and on `cancel`.
 *
 * @throws {AdapterError} `FILE_UNREADABLE` into the readable.
 * @throws {RangeError} when `chunkBytes` is not a whole number from 1.
 *
 * @example Read a file
 * ```ts
 * import assert from "node:assert/strict"
 * import { fileURLToPath } from "node:url"
 * import { fileReadable } from "@bellmouth/node"
 *
 * const path = fileURLToPath(import.meta.resolve("@bellmouth/node/package.json"))
 * const text = await new Response(fileReadable(path, { chunkBytes: 7 })).text()
 * assert.equal(JSON.parse(text).name, "@bellmouth/node")
 * ```
 */
export function fileReadable(
  path: string,
  options: FileReadableOptions = {},
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const { chunkBytes = 65_536 } = options
  if (!Number.isSafeInteger(chunkBytes) || chunkBytes < 1) {
    throw new RangeError(`Cannot read ${chunkBytes} bytes a chunk: want a whole number from 1`)
  }
  let file: FileHandle | undefined
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          file ??= await open(path, "r")
          const { bytesRead, buffer } = await file.read(new Uint8Array(chunkBytes), 0, chunkBytes)
          if (bytesRead > 0) return controller.enqueue(buffer.subarray(0, bytesRead))
          await file.close()
          controller.close()
        } catch (cause) {
          await file?.close()
          const state = systemErrorCode(cause) ?? "the read failed"
          throw new AdapterError("FILE_UNREADABLE", `Cannot read ${path}: ${state}`, { cause })
        }
      },
      async cancel() {
        await file?.close()
      },
    },
    { highWaterMark: 0 },
  )
}
