type Row = readonly string[]

/** Lays out rows of text under a header; every column but the first stands at its right. */
export function table(header: Row, rows: readonly Row[]): string {
  const [top = "", ...lines] = aligned([header, ...rows])
  return [
    top,
    "─".repeat(Math.max(top.length, ...lines.map((line) => line.length))),
    ...lines,
  ].join("\n")
}

/** Lays out names and values, the values at the right. */
export function facts(rows: readonly Row[]): string {
  return aligned(rows).join("\n")
}

function aligned(rows: readonly Row[]): string[] {
  const columns = rows[0]?.length ?? 0
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  )
  return rows.map((row) => {
    const cells = row.map((text, column) => {
      const width = widths[column] ?? 0
      return column === 0 ? text.padEnd(width) : text.padStart(width)
    })
    return cells.join("   ")
  })
}

/** Bytes in the decimal megabytes that rates are told in. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}

export function count(value: number): string {
  return value.toLocaleString("en")
}
