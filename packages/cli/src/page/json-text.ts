/** A piece of JSON text and what it is, for colour. */
export interface JsonToken {
  readonly kind: "key" | "string" | "number" | "word" | "punctuation"
  readonly text: string
}

// A string may end where the text was cut: looked at again from each of its quotes, it would take for ever.
const pattern =
  /("(?:[^"\\]|\\.)*(?:"|\\?$))(\s*:)?|(-?[0-9][0-9.eE+-]*)|(true|false|null)|([^"\-0-9tfn]+|.)/gs

/** Deeper levels are no further indented. */
const maxIndentedLevels = 32

/** Cuts JSON text into coloured pieces; together they are the text. */
export function tokenizeJson(json: string): JsonToken[] {
  const tokens: JsonToken[] = []
  for (const [, string, colon, number, word, rest] of json.matchAll(pattern)) {
    if (string !== undefined) {
      tokens.push({ kind: colon === undefined ? "string" : "key", text: string })
      if (colon !== undefined) tokens.push({ kind: "punctuation", text: colon })
    } else if (number !== undefined) tokens.push({ kind: "number", text: number })
    else if (word !== undefined) tokens.push({ kind: "word", text: word })
    else if (rest !== undefined) tokens.push({ kind: "punctuation", text: rest })
  }
  return tokens
}

/**
 * Lays JSON text out over lines, two spaces a level.
 *
 * It is not parsed, so that what is seen is what was written: a number of any length, a key that is there twice.
 */
export function indentJson(json: string): string {
  let out = ""
  let level = 0
  let hasOpened = false
  const nextLine = (): void => {
    hasOpened = false
    out += `\n${"  ".repeat(Math.min(level, maxIndentedLevels))}`
  }
  for (const { kind, text } of tokenizeJson(json)) {
    for (const piece of kind === "punctuation" ? text.replaceAll(/\s/g, "") : [text]) {
      const isEnd = piece === "}" || piece === "]"
      if (isEnd) level--
      if (hasOpened !== isEnd) nextLine()
      hasOpened = piece === "{" || piece === "["
      if (hasOpened) level++
      out += piece === ":" ? ": " : piece
      if (piece === ",") nextLine()
    }
  }
  return out
}

/** Shows JSON text in an element. Every piece is text: nothing of it is ever read as markup. */
export function showJson(target: Element, json: string): void {
  const pieces = tokenizeJson(json).map(({ kind, text }) => {
    const span = document.createElement("span")
    span.className = kind
    span.textContent = text
    return span
  })
  target.replaceChildren(...pieces)
}
