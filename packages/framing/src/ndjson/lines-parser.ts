import type { TakeLines } from "../lines/line-splitter.ts"

const OPENING_BRACE = 123
/** What a level of depth takes without brackets: `{"":{}}`. */
const LEVEL_UNITS = 5
/** What one call saves for each line, it costs once: some ten short lines. */
const LEAST_UNITS = 4096

/**
 * Makes what parses many NDJSON lines by one call of `JSON.parse`, where that pays and surely gives
 * what one call for each line gives.
 *
 * It does where each line begins with a brace, none has a bracket, and there are as many values as
 * lines. No string holds a line feed, so each comma that is put before one stands between values
 * or members. Not between members, for a brace follows where a key would have to. So all of them
 * stand in the one array there is, and as it has no more values than lines, no others do.
 *
 * On Bun, `lines-parser-bun.ts` stands here, by the `imports` of `package.json`.
 */
export function linesParser<T>(
  { parse }: { readonly parse?: unknown },
  maxDepth: number,
): TakeLines<T> | undefined {
  // Only V8, which prints its own functions on one line, parses many short lines faster at once than
  // one by one; JavaScriptCore takes as long again to join them.
  if (`${Map}`.includes("\n") || parse) return undefined
  return (_bytes, decode, maxUnits) => {
    const most = Math.min(LEVEL_UNITS * maxDepth, maxUnits)
    const text = decode()
    // The first line is looked at first: where it is too long, so are most.
    if (text.length < LEAST_UNITS || text.indexOf("\n") > most) return undefined
    if (text.indexOf("[") !== -1 || text.indexOf("\ufffd") !== -1) return undefined
    let lines = 0
    let at = 0
    for (let lf: number; (lf = text.indexOf("\n", at)) !== -1; at = lf + 1) {
      if (text.charCodeAt(at) !== OPENING_BRACE || lf - at > most) return undefined
      lines += 1
    }
    try {
      const values: T[] = JSON.parse(`[${text.replace(/\n/g, ",\n")}0]`)
      values.pop()
      if (values.length === lines) return values
    } catch {
      // The line that does not parse is reported when it is parsed on its own.
    }
    return undefined
  }
}
