/** One line of a benchmark's table. */
export interface Row {
  /** What is compared, in a reader's words. */
  readonly name: string
  readonly value: number
  /** `x`: a ratio, more is better; of all others less is better. */
  readonly unit: "x" | "of" | "ns" | "MB" | "chunks"
  /** The value that must be reached. */
  readonly floor?: number
  /** Where the best would stop. */
  readonly aim?: number
}

/** Whether a row reaches its floor; one without a floor always does. */
export function reaches({ value, unit, floor }: Row): boolean {
  if (floor === undefined) return true
  return unit === "x" ? value >= floor : value <= floor
}

export function formatValue(value: number | undefined, unit: Row["unit"]): string {
  if (value === undefined) return ""
  if (unit === "ns" || unit === "MB") return `${value.toFixed(1)} ${unit}`
  if (unit === "chunks") return `${value} ${unit}`
  return `${value.toFixed(2)} x`
}
