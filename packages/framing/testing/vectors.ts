import { readFileSync } from "node:fs"

/** Reads a vector file of this package's RFC. */
export function readVectors<V>(name: string): V[] {
  const url = new URL(`../../../test/vectors/framing/${name}.json`, import.meta.url)
  const { vectors } = JSON.parse(readFileSync(url, "utf8")) as { vectors: V[] }
  if (vectors.length === 0) throw new Error(`Cannot run ${name}: it has no vector`)
  return vectors
}
