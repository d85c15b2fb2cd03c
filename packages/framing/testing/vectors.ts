import { readFileSync } from "node:fs"

/** Reads a vector file of this package's RFC. */
export function readVectors<V extends object>(name: string): V[] {
  const url = new URL(`../../../test/vectors/framing/${name}.json`, import.meta.url)
  const { vectors } = JSON.parse(readFileSync(url, "utf8")) as { vectors: V[] }
  if (vectors.length === 0) throw new Error(`Cannot run ${name}: it has no vector`)
  return vectors.map(fromText)
}

/** Gives a field `xJson`, which is JSON text, as `x`. */
function fromText<V extends object>(vector: V): V {
  const fields = Object.entries(vector).map(([key, value]): [string, unknown] =>
    key.endsWith("Json") ? [key.slice(0, -4), JSON.parse(value)] : [key, value],
  )
  return Object.fromEntries(fields) as V
}
