import { expect, test } from "vitest"
import { docCommentExamples } from "../scripts/examples/doc-comment-examples.ts"
import { fenceExamples } from "../scripts/examples/fence-examples.ts"
import { publicExports } from "../scripts/examples/public-exports.ts"
import { runExamples } from "../scripts/examples/run-examples.ts"
import { workspacePackages } from "../scripts/workspace-package.ts"

const fence = (info: string, ...code: readonly string[]): string =>
  [`\`\`\`${info}`, ...code, "```"].join("\n")

test("fenceExamples gives each ts fence with the line of its code", () => {
  const text = ["# Title", fence("sh", "npm ci"), fence("ts", "one()", "two()")].join("\n")
  expect(fenceExamples("README.md", text)).toEqual({
    examples: [{ file: "README.md", line: 6, code: "one()\ntwo()" }],
    faults: [],
  })
})

test("fenceExamples keeps a reason for what is not run, and wants one", () => {
  const scan = fenceExamples(
    "a.md",
    `${fence("ts ignore: a fragment", "x")}\n${fence("ts ignore", "y")}`,
  )
  expect(scan.examples).toEqual([{ file: "a.md", line: 2, code: "x", ignored: "a fragment" }])
  expect(scan.faults).toEqual([expect.stringContaining("a.md:4 want")])
})

test.each(["js", "typescript", "tsx", "ts nocheck", "mjs"])(
  "fenceExamples does not pass over a %s fence in silence",
  (info) => {
    const scan = fenceExamples("a.md", fence(info, "x"))
    expect([scan.examples.length, scan.faults.length]).toEqual([0, 1])
  },
)

test("fenceExamples reports a fence that never closes", () => {
  expect(fenceExamples("a.md", "```ts\nx").faults).toEqual(["a.md:1 a fence is never closed"])
})

const comment = (...rows: readonly string[]): string =>
  `const before = 1\n/**\n${rows.map((row) => ` * ${row}`.trimEnd()).join("\n")}\n */\nexport const x = 1\n`

test("docCommentExamples gives the fence of each @example with its line in the file", () => {
  const source = comment(
    "Text.",
    "",
    "@example Title",
    ...fence("ts", "a()", "", "  b()").split("\n"),
  )
  expect(docCommentExamples("a.ts", source)).toEqual({
    examples: [{ file: "a.ts", line: 7, code: "a()\n\n  b()" }],
    faults: [],
  })
})

test("docCommentExamples does not end an example at a decorator inside the fence", () => {
  const source = comment("@example Title", ...fence("ts", "@sealed", "class A {}").split("\n"))
  expect(docCommentExamples("a.ts", source).examples[0]?.code).toBe("@sealed\nclass A {}")
})

test("docCommentExamples wants a title and a fence", () => {
  expect(docCommentExamples("a.ts", comment("@example", "x()")).faults).toEqual([
    "a.ts:3 the example has no title after @example",
    "a.ts:3 the example has no ts fence",
  ])
})

const manifest = (name: string): string =>
  JSON.stringify({ name, exports: { ".": { default: "./dist/index.js" } } })

function exportsOf(files: Readonly<Record<string, string>>): ReturnType<typeof publicExports> {
  const tree = new Map(Object.entries({ "packages/a/package.json": manifest("@x/a"), ...files }))
  return publicExports("packages/a/src/index.ts", tree, workspacePackages(tree))
}

test("publicExports follows re-exports, renames and other packages to the declaration", () => {
  const found = exportsOf({
    "packages/a/src/index.ts": 'export * from "./b.ts"\nexport { type T as U } from "@x/c"\n',
    "packages/a/src/b.ts":
      'import { g } from "./g.ts"\n/** F.\n * @example T\n */\n// why\nexport function f() {}\nexport class C {}\nexport { g }\n',
    "packages/a/src/g.ts": "const g = 1\n/** @internal */\nexport { g }\n",
    "packages/c/package.json": manifest("@x/c"),
    "packages/c/src/index.ts": "/** A type. */\nexport interface T {}\n",
  })
  const shown = found.map(({ name, file, line, isType, documented, examples }) =>
    [name, file, line, isType ? "type" : "value", documented, examples].join(" "),
  )
  expect(shown.sort()).toEqual([
    "C packages/a/src/b.ts 7 value false 0",
    "U packages/c/src/index.ts 2 type true 0",
    "f packages/a/src/b.ts 6 value true 1",
    "g packages/a/src/g.ts 1 value false 0",
  ])
})

test("publicExports does not take a comment of something else for its own", () => {
  const text = "/** Of a. */\nconst a = 1\nexport const b = a\n"
  expect(exportsOf({ "packages/a/src/index.ts": text })[0]?.documented).toBe(false)
})

test("publicExports refuses what it can not follow", () => {
  expect(() => exportsOf({ "packages/a/src/index.ts": 'export * from "left"' })).toThrow(
    "another project",
  )
  expect(() => exportsOf({ "packages/a/src/index.ts": "export default 1" })).toThrow("Cannot")
  expect(() => exportsOf({ "packages/a/src/index.ts": 'export { q } from "./q.ts"' })).toThrow(
    "q.ts",
  )
})

test("runExamples reports by the documentation's line what throws, hangs or does not compile", async () => {
  const example = (file: string, code: string) => ({ file, line: 7, code })
  const faults = await runExamples(
    [
      example("good.md", 'import { Stage } from "@bellmouth/core"\nconsole.log(Stage.name)'),
      example("docs/throws.md", 'console.log(1)\nthrow new Error("planted")'),
      example("waits.md", "await new Promise(() => {})"),
      example("types.md", 'const n: number = "text"\nconsole.log(n)'),
    ],
    ".cache/examples-test",
  )
  const text = faults.join("\n")
  expect(text).toContain("docs/throws.md:7 exit 1")
  expect(text).toContain("docs/throws.md:8")
  expect(text).toContain("waits.md:7 its top-level await never settled")
  expect(text).toMatch(/types\.md\(7,7\): error TS2322/)
  expect(text).not.toContain("good.md")
  expect(faults).toHaveLength(3)
}, 60_000)
