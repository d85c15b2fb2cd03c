import { parseSync } from "oxc-parser"
import { lineAt } from "../layers/source-imports.ts"

/** A `/** ... *` + `/` comment without its stars; line `i` of `text` is line `line + i` of the file. */
export interface DocComment {
  readonly line: number
  readonly text: string
  readonly start: number
  readonly end: number
}

/** One block of a comment that begins with `@example`. */
export interface DocExample {
  /** The rest of the tag's own line. */
  readonly title: string
  readonly line: number
  /** What follows the tag's line, up to the next tag. */
  readonly body: string
}

/** The documentation comments of a module. */
export function docComments(file: string, source: string): DocComment[] {
  return parseSync(file, source)
    .comments.filter(({ type, value }) => type === "Block" && value.startsWith("*"))
    .map(({ value, start, end }) => ({
      line: lineAt(source, start),
      text: value.slice(1).replace(/^[ \t]*\* ?/gm, ""),
      start,
      end,
    }))
}

/** The `@example` blocks of a comment. A tag inside a fence is code. */
export function docExamples(comment: DocComment): DocExample[] {
  const examples: { title: string; line: number; body: string[] }[] = []
  let current: { title: string; line: number; body: string[] } | undefined
  let fenced = false
  for (const [index, row] of comment.text.split("\n").entries()) {
    if (/^\s*(```|~~~)/.test(row)) fenced = !fenced
    const [, tag, rest] = (!fenced && /^\s*@(\w+)(.*)$/.exec(row)) || []
    if (tag !== undefined) {
      current = undefined
      if (tag === "example") {
        current = { title: (rest ?? "").trim(), line: comment.line + index, body: [] }
        examples.push(current)
      }
    } else {
      current?.body.push(row)
    }
  }
  return examples.map((each) => ({ ...each, body: each.body.join("\n") }))
}
