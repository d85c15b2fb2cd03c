/** A segment is filled as far again as it goes, and so far at most. */
const MOST_BYTES = 262_144
/** A frame that takes more of that is worth a sync of its own. */
const LEAST_FRAMES = 4
/** What a file system keeps together. */
const BLOCK_BYTES = 4_096
const ZEROS = new Uint8Array(MOST_BYTES + BLOCK_BYTES)

/** Where the frames of a segment end, and the zeros after them. */
export interface Filled {
  readonly position: number
  /** The size of the file. */
  readonly filled: number
}

/**
 * The zeros to write with a frame that begins at `position` and ends at `end`, so that those after it change
 * bytes of the file and not its size: a sync then has no new size to store, and takes about half as long.
 * A segment has none when the next one begins, as it is not filled past the size at which that happens.
 */
export function zerosAfter(
  end: number,
  { position, filled }: Filled,
  segmentBytes: number,
): Uint8Array {
  const most = Math.min(MOST_BYTES, Math.max(end, BLOCK_BYTES))
  if (end <= filled || (end - position) * LEAST_FRAMES > most) return ZEROS.subarray(0, 0)
  const until = Math.ceil((end + most) / BLOCK_BYTES) * BLOCK_BYTES
  return ZEROS.subarray(0, Math.max(0, Math.min(until, segmentBytes) - end))
}

/** Bytes without the zeros that they end with. */
export function withoutFill(bytes: Uint8Array): Uint8Array {
  let end = bytes.length
  while (end > 0 && bytes[end - 1] === 0) end--
  return bytes.subarray(0, end)
}
