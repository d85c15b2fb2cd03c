import { type SnapshotStore, toOffset } from "@bellmouth/log"
import { corrupt } from "./log-fault.ts"
import type { GitReader } from "./reader/git-reader.ts"

const LF = 0x0a

/** How a state becomes bytes, and back. Default: JSON. */
export interface SnapshotCodec<S> {
  encode(state: S): Uint8Array
  decode(bytes: Uint8Array): S
}

/** Keeps the latest snapshot in the tree of a log's commits: a line that says of what, then the state. */
export function createSnapshotStore<S>(
  backend: GitReader,
  usable: () => Promise<void>,
  codec: SnapshotCodec<S> = jsonCodec(),
): SnapshotStore<S> {
  return {
    async load() {
      await usable()
      const content = await backend.snapshot()
      if (content === undefined) return undefined
      const end = content.indexOf(LF)
      const { log, offset } = decodeHead(content.toString("utf8", 0, Math.max(0, end)))
      return { log, offset: toOffset(offset), state: codec.decode(content.subarray(end + 1)) }
    },
    async save({ log, offset, state }) {
      await usable()
      const head = Buffer.from(`${JSON.stringify({ log, offset })}\n`)
      await backend.saveSnapshot(offset, Buffer.concat([head, codec.encode(state)]))
    },
  }
}

function decodeHead(line: string): { readonly log: string; readonly offset: number } {
  try {
    const { log, offset }: { log?: unknown; offset?: unknown } = JSON.parse(line)
    if (typeof log === "string" && typeof offset === "number") return { log, offset }
  } catch {
    // Told below: the line is not what it should be.
  }
  throw corrupt({ path: "snapshot", reason: "is no snapshot" })
}

function jsonCodec<S>(): SnapshotCodec<S> {
  return {
    encode: (state) => Buffer.from(JSON.stringify(state)),
    decode: (bytes) => JSON.parse(new TextDecoder().decode(bytes)),
  }
}
