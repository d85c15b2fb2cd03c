import type { Example, ExampleScan } from "./example.ts"

const FENCE = /^ {0,3}(`{3,}|~{3,})[ \t]*(.*)$/
const OTHER_SCRIPT = /^(js|mjs|cjs|jsx|tsx|mts|cts|javascript|typescript)\b/i

/**
 * The `ts` fences of a Markdown text. A fence opts out by the words `ts ignore: <reason>`; one in
 * another script language, or one that never closes, is a fault, so that none is passed over.
 *
 * @param firstLine - The line, in `file`, of the text's first line.
 */
export function fenceExamples(file: string, text: string, firstLine = 1): ExampleScan {
  const examples: Example[] = []
  const faults: string[] = []
  let open: { mark: string; info: string; line: number; code: string[] } | undefined
  for (const [index, row] of text.split("\n").entries()) {
    const line = firstLine + index
    const [, mark, info] = FENCE.exec(row) ?? []
    if (open === undefined) {
      if (mark !== undefined) open = { mark, info: (info ?? "").trim(), line, code: [] }
    } else if (mark?.startsWith(open.mark) && info === "") {
      addFence(open)
      open = undefined
    } else {
      open.code.push(row)
    }
  }
  if (open !== undefined) faults.push(`${file}:${open.line} a fence is never closed`)
  return { examples, faults }

  function addFence(fence: { info: string; line: number; code: string[] }): void {
    const at = `${file}:${fence.line}`
    if (OTHER_SCRIPT.test(fence.info)) {
      faults.push(`${at} write \`ts\`, so that the example is run, instead of \`${fence.info}\``)
    }
    if (!/^ts\b/.test(fence.info)) return
    const example = { file, line: fence.line + 1, code: fence.code.join("\n") }
    const ignored = /^ts ignore: *(\S.*)$/.exec(fence.info)?.[1]
    if (ignored !== undefined) examples.push({ ...example, ignored })
    else if (fence.info === "ts") examples.push(example)
    else faults.push(`${at} want \`ts\` or \`ts ignore: <reason>\`, not \`${fence.info}\``)
  }
}
