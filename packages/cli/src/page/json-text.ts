/** A piece of JSON text and what it is, for colour. */
export interface JsonToken {
  readonly kind: "key" | "string" | "number" | "word" | "punctuation"
  readonly text: string
}

const pattern =
  /("(?:[^"\\]|\\.)*")(\s*:)?|(-?[0-9][0-9.eE+-]*)|(true|false|null)|([^"\-0-9tfn]+|.)/g

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
