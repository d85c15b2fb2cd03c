import { mkdirSync, writeFileSync } from "node:fs"
import { cpus } from "node:os"
import { formatValue, type Row, reaches } from "./row.ts"

/** The rows that one runtime gave. */
export interface RuntimeRows {
  readonly runtime: string
  readonly version: string
  readonly rows: readonly Row[]
}

/**
 * Prints a benchmark as a table, a column for each runtime, and writes it as JSON beside it.
 *
 * @returns whether every row reaches its floor.
 */
export function report(title: string, results: readonly RuntimeRows[]): boolean {
  const machine = `${cpus().length} x ${cpus()[0]?.model.trim() ?? "unknown processor"}`
  console.log(`\n${title}\n${machine}`)
  for (const { runtime, version } of results) console.log(`${runtime}: ${version}`)
  const names = [...new Set(results.flatMap(({ rows }) => rows.map((row) => row.name)))]
  const table = names.map((name) => tableRow(name, results))
  const header = ["case", ...results.map(({ runtime }) => runtime), "at least", "aim"]
  printTable([header, ...table])
  const file = `.cache/bench/${title.split(":")[0]}.json`
  mkdirSync(".cache/bench", { recursive: true })
  writeFileSync(file, `${JSON.stringify({ title, machine, results }, null, 2)}\n`)
  console.log(`written to ${file}`)
  const short = results.flatMap(({ runtime, rows }) =>
    rows.filter((row) => !reaches(row)).map((row) => `${runtime}: ${row.name}`),
  )
  for (const line of short) console.log(`short of its floor: ${line}`)
  return short.length === 0
}

function tableRow(name: string, results: readonly RuntimeRows[]): string[] {
  const found = results.map(({ rows }) => rows.find((row) => row.name === name))
  const any = found.find((row) => row !== undefined)
  const values = found.map((row) => (row === undefined ? "-" : formatValue(row.value, row.unit)))
  const unit = any?.unit ?? "x"
  const bound = unit === "x" ? "" : "<= "
  const limit = (value: number | undefined): string =>
    value === undefined ? "" : bound + formatValue(value, unit)
  return [name, ...values, limit(any?.floor), limit(any?.aim)]
}

function printTable(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  )
  for (const [index, row] of rows.entries()) {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
    )
    console.log(cells.join("  "))
    if (index === 0) console.log(widths.map((width) => "-".repeat(width)).join("  "))
  }
}
