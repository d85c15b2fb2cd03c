import { parseSync } from "oxc-parser"

/** One module that a source file refers to, type-only references included. */
export interface SourceImport {
  /** The specifier as written, or `undefined` when it is not a literal. */
  readonly specifier: string | undefined
  readonly line: number
}

/**
 * Every reference of a TypeScript module to another: `import`, `export ... from`, `import()`,
 * `import type` and `import("...").Type`.
 *
 * @throws {SyntaxError} when the text does not parse.
 */
export function importsOf(path: string, text: string): SourceImport[] {
  const parsed = parseSync(path, text)
  const fault = parsed.errors[0]
  if (fault !== undefined) throw new SyntaxError(`Cannot parse ${path}: ${fault.message}`)
  const found = new Map<number, string | undefined>()
  for (const item of parsed.module.staticImports) {
    found.set(item.moduleRequest.start, item.moduleRequest.value)
  }
  for (const item of parsed.module.staticExports) {
    for (const { moduleRequest } of item.entries) {
      if (moduleRequest !== null) found.set(moduleRequest.start, moduleRequest.value)
    }
  }
  collectInner(parsed.program, found)
  return [...found]
    .sort(([a], [b]) => a - b)
    .map(([start, specifier]) => ({ specifier, line: lineAt(text, start) }))
}

/** The line, from 1, of a position in a text. */
export function lineAt(text: string, position: number): number {
  let line = 1
  for (let at = text.indexOf("\n"); at !== -1 && at < position; at = text.indexOf("\n", at + 1)) {
    line++
  }
  return line
}

/** Finds the references inside expressions and types, which the module record does not list. */
function collectInner(node: unknown, found: Map<number, string | undefined>): void {
  if (typeof node !== "object" || node === null) return
  if ("type" in node && (node.type === "ImportExpression" || node.type === "TSImportType")) {
    const source = "source" in node ? node.source : undefined
    if (isLiteral(source)) found.set(source.start, source.value)
    else if ("start" in node && typeof node.start === "number") found.set(node.start, undefined)
  }
  for (const child of Object.values(node)) collectInner(child, found)
}

function isLiteral(node: unknown): node is { readonly start: number; readonly value: string } {
  return (
    typeof node === "object" &&
    node !== null &&
    "value" in node &&
    typeof node.value === "string" &&
    "start" in node &&
    typeof node.start === "number"
  )
}
