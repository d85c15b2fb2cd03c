import { docComments, docExamples } from "./doc-comment.ts"
import type { Example, ExampleScan } from "./example.ts"
import { fenceExamples } from "./fence-examples.ts"

/** The examples of a module's documentation comments; each `@example` must hold a `ts` fence. */
export function docCommentExamples(file: string, source: string): ExampleScan {
  const examples: Example[] = []
  const faults: string[] = []
  for (const comment of docComments(file, source)) {
    for (const { title, line, body } of docExamples(comment)) {
      const scan = fenceExamples(file, body, line + 1)
      examples.push(...scan.examples)
      faults.push(...scan.faults)
      if (title === "") faults.push(`${file}:${line} the example has no title after @example`)
      if (scan.examples.length === 0) faults.push(`${file}:${line} the example has no ts fence`)
    }
  }
  return { examples, faults }
}
