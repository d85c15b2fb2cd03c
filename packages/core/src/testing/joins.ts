/**
 * How outputs add up when their cuts do not matter: as bytes, as text, as one long array, or by a
 * function that gives the units to compare.
 */
export type Joins<O> = "bytes" | "text" | "arrays" | ((outputs: readonly O[]) => readonly unknown[])

/** The units of `outputs` that are compared: the outputs themselves unless they join. */
export function unitsOf<O>(outputs: readonly O[], joins: Joins<O> | undefined): readonly unknown[] {
  if (joins === undefined) return outputs
  if (typeof joins === "function") return joins(outputs)
  return outputs.flatMap((output) => unitsOfOne(output, joins))
}

function unitsOfOne(output: unknown, joins: "bytes" | "text" | "arrays"): readonly unknown[] {
  switch (joins) {
    case "bytes":
      if (output instanceof Uint8Array) return Array.from(output)
      break
    case "text":
      if (typeof output === "string") return output.split("")
      break
    case "arrays":
      if (Array.isArray(output)) return output
      break
    default:
      joins satisfies never
  }
  throw new TypeError(`Cannot join outputs as ${joins}: an output is ${typeof output}`)
}
