import { randomInt } from "node:crypto"
import { parseArgs } from "node:util"

export interface DemoOptions {
  /** Whether to end after the table. */
  readonly exit: boolean
  readonly records: number
  readonly cuts: number
  readonly seed: number
  readonly port: number
}

export const usage = `Usage: npm start -- [options]

  --exit         end after the table: 0 when all is well, 1 when not
  --records <n>  how many records (default 20069, each example 61 times)
  --cuts <n>     how often the client is cut off (default 20)
  --seed <n>     where it is cut (default: any; the table names it)
  --port <n>     the port of the live page (default 4437)`

/**
 * Reads the demo's command line.
 *
 * @throws {Error} whose message says what is wrong with it.
 */
export function readOptions(args: readonly string[]): DemoOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      exit: { type: "boolean", default: false },
      records: { type: "string", default: "20069" },
      cuts: { type: "string", default: "20" },
      seed: { type: "string", default: String(randomInt(2 ** 32)) },
      port: { type: "string", default: "4437" },
    },
  })
  return {
    exit: values.exit,
    records: wholeNumber("records", values.records, 1, 10_000_000),
    cuts: wholeNumber("cuts", values.cuts, 0, 1_000),
    seed: wholeNumber("seed", values.seed, 0, 2 ** 32 - 1),
    port: wholeNumber("port", values.port, 0, 65_535),
  }
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = /^[0-9]{1,10}$/.test(text) ? Number(text) : Number.NaN
  if (value >= least && value <= most) return value
  throw new Error(`--${name} ${text} is not a whole number from ${least} to ${most}`)
}
