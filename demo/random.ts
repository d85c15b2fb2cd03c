/** A number from 0 up to 1. */
export type Random = () => number

/** The same numbers for the same seed: mulberry32. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/**
 * Where to cut: after how many bytes of each of `count` connections in a row.
 *
 * Together they stay below `bytes`, so that each of them is reached.
 */
export function cutLengths(count: number, bytes: number, random: Random): number[] {
  const places = Array.from({ length: count }, () => Math.floor(random() * bytes)).sort(
    (a, b) => a - b,
  )
  return places.map((place, index) => Math.max(1, place - (places[index - 1] ?? 0)))
}
