import { type ParseArgsOptionsConfig, parseArgs } from "node:util"
import { UsageError } from "./usage-error.ts"

export interface Arguments {
  readonly directory: string
  text(name: string): string | undefined
  flag(name: string): boolean
  /** A whole number from `least`, or `undefined` when the option is not given. */
  number(name: string, least: number): number | undefined
}

/**
 * Reads a command's arguments: one directory, and options.
 *
 * @throws {UsageError}
 */
export function readArguments(args: readonly string[], options: ParseArgsOptionsConfig): Arguments {
  const { values, positionals } = parse(args, options)
  const [directory, ...rest] = positionals
  if (directory === undefined || directory === "")
    throw new UsageError("Which log? Give its folder")
  if (rest.length > 0) throw new UsageError(`Only one folder is wanted, ${rest[0]} is one too many`)
  const text = (name: string): string | undefined => {
    const value = values[name]
    return typeof value === "string" ? value : undefined
  }
  return {
    directory,
    text,
    flag: (name) => values[name] === true,
    number: (name, least) => toNumber(text(name), name, least),
  }
}

function parse(
  args: readonly string[],
  options: ParseArgsOptionsConfig,
): { values: Record<string, unknown>; positionals: string[] } {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    // Node's first sentence says what is wrong; its advice after that does not fit every shell.
    throw new UsageError(message.split(/\.\s/)[0] ?? message, { cause: error })
  }
}

function toNumber(text: string | undefined, name: string, least: number): number | undefined {
  if (text === undefined) return undefined
  const value = /^[0-9]{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(value) && value >= least) return value
  throw new UsageError(`--${name} ${text} is not a whole number from ${least}`)
}
