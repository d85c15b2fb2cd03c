import { expect, test } from "vitest"
import { layerViolations, TIERS } from "../scripts/layers/layer-violations.ts"
import { importsOf } from "../scripts/layers/source-imports.ts"
import { readTree } from "../scripts/source-tree.ts"
import { workspacePackages } from "../scripts/workspace-package.ts"

const tree = readTree(["packages/*/package.json", "packages/*/{src,testing}/**/*.ts"])

test("The packages' imports keep the layers and make no circle", () => {
  expect(layerViolations(tree)).toEqual([])
})

test("The layer test sees every package and its sources", () => {
  const packages = workspacePackages(tree)
  expect(packages.map((each) => each.folder).sort()).toEqual(
    expect.arrayContaining(["cli", "core", "framing", "http", "log", "log-fs", "node"]),
  )
  expect(packages.every((each) => TIERS[each.folder] !== undefined)).toBe(true)
  for (const { folder, entries } of packages) {
    expect(entries.length, folder).toBeGreaterThan(0)
    for (const { source } of entries) expect(tree.has(source), source).toBe(true)
  }
})

test("importsOf finds every form of reference, with its line", () => {
  const text = [
    'import type { A } from "./a.ts"',
    'import { type B } from "./b.ts"',
    'export * from "./c.ts"',
    'export type { D } from "./d.ts"',
    'type E = import("./e.ts").E',
    'const f = await import("./f.ts")',
    "const g = await import(name)",
    'import "./h.ts"',
    '// import "./no.ts"',
    'const text = `import "./no.ts"`',
  ].join("\n")
  expect(importsOf("x.ts", text)).toEqual([
    { specifier: "./a.ts", line: 1 },
    { specifier: "./b.ts", line: 2 },
    { specifier: "./c.ts", line: 3 },
    { specifier: "./d.ts", line: 4 },
    { specifier: "./e.ts", line: 5 },
    { specifier: "./f.ts", line: 6 },
    { specifier: undefined, line: 7 },
    { specifier: "./h.ts", line: 8 },
  ])
})

const manifest = (name: string, dependencies: readonly string[] = []): string =>
  JSON.stringify({
    name,
    imports: { "#a": { bun: "./dist/a.js", default: "./dist/b.js" }, "#b": { bun: "./dist/c.js" } },
    dependencies: Object.fromEntries(dependencies.map((each) => [each, "0.0.0"])),
    exports: { ".": { default: "./dist/index.js" } },
  })

/** A sound tree of three packages, into which each planted fault is put. */
const sound: Readonly<Record<string, string>> = {
  "packages/core/package.json": manifest("@bellmouth/core"),
  "packages/core/src/index.ts": 'export { a } from "./a.ts"',
  "packages/core/src/a.ts": 'import { b } from "./b.ts"\nexport const a = b',
  "packages/core/src/b.ts": "export const b = 1",
  "packages/core/src/high/a.ts": 'export * from "../low/a.ts"',
  "packages/core/src/low/a.ts": "export const a = 1",
  "packages/core/src/low/b.ts": 'export * from "./a.ts"',
  "packages/core/src/low/b.test.ts": 'import "../high/b.ts"',
  "packages/core/src/high/b.ts": "export const b = 1",
  "packages/log/package.json": manifest("@bellmouth/log", ["@bellmouth/core"]),
  "packages/log/src/index.ts": 'export { a } from "@bellmouth/core"',
  "packages/http/package.json": manifest("@bellmouth/http", ["@bellmouth/log"]),
  "packages/http/src/index.ts": 'export type { a } from "@bellmouth/log"',
  "packages/http/testing/b.ts": "export const b = 1",
  "packages/http/src/b.test.ts": 'import "../testing/b.ts"',
  "packages/http/src/a.test.ts": 'import "node:fs"\nimport "vitest"',
}

test("layerViolations accepts a sound tree", () => {
  expect(layerViolations(new Map(Object.entries(sound)))).toEqual([])
})

test.each([
  [
    "an upward arrow",
    "packages/core/src/b.ts",
    'import "@bellmouth/log"',
    "b.ts:1 imports @bellmouth/log: core",
  ],
  [
    "a type-only upward arrow",
    "packages/core/src/b.ts",
    'export type B = import("@bellmouth/http").B',
    "b.ts:1 imports @bellmouth/http: core",
  ],
  [
    "a test's upward arrow",
    "packages/core/src/b.test.ts",
    'import "@bellmouth/log"',
    "b.test.ts:1 imports @bellmouth/log: core",
  ],
  [
    "a missing dependency",
    "packages/http/src/b.ts",
    'import "@bellmouth/core"',
    "which its package.json does not depend on",
  ],
  [
    "an undeclared foreign package",
    "packages/log/src/b.ts",
    'import "@scope/thing/sub"',
    "imports @scope/thing, which its",
  ],
  [
    "a dependency never imported",
    "packages/core/package.json",
    manifest("@bellmouth/core", ["left"]),
    "depends on left without importing it",
  ],
  [
    "node: in a neutral package",
    "packages/log/src/b.ts",
    'import type { X } from "node:fs"',
    "imports node:fs in a neutral package",
  ],
  [
    "a dynamic node: import",
    "packages/log/src/b.ts",
    '\nawait import("node:fs")',
    "b.ts:2 imports node:fs in a neutral",
  ],
  ["a circle", "packages/core/src/b.ts", 'import { a } from "./a.ts"', "is a circle"],
  [
    "a circle of folders",
    "packages/core/src/low/b.ts",
    'export * from "../high/b.ts"',
    "packages/core/src/high -> packages/core/src/low is a circle",
  ],
  [
    "a type-only circle",
    "packages/core/src/b.ts",
    'import type { a } from "./a.ts"',
    "is a circle",
  ],
  [
    "a file that imports itself",
    "packages/core/src/b.ts",
    'import type { b } from "./b.ts"',
    "b.ts is a circle",
  ],
  [
    "an import that leaves its package",
    "packages/log/src/b.ts",
    'import "../../core/src/a.ts"',
    "leaves its package",
  ],
  [
    "a source that imports its package's test support",
    "packages/http/src/b.ts",
    'import "../testing/b.ts"',
    "leaves its sources",
  ],
  [
    "an import of its own entry",
    "packages/log/src/b.ts",
    'import "./index.ts"',
    "own package's entry",
  ],
  [
    "an import of its own name",
    "packages/log/src/b.ts",
    'import "@bellmouth/log"',
    "its own package by name",
  ],
  ["a missing file", "packages/log/src/b.ts", 'import "./gone.ts"', "a missing file"],
  ["a name of nothing", "packages/log/src/b.ts", 'import "#gone"', "package.json does not name"],
  [
    "a circle through a name",
    "packages/core/src/b.ts",
    'import type { a } from "#a"',
    "a.ts -> packages/core/src/b.ts is a circle",
  ],
  ["a name of a missing file", "packages/core/src/b.ts", 'import "#b"', "a missing file: #b"],
  ["an import that no one can read", "packages/log/src/b.ts", "await import(x)", "not a literal"],
  [
    "a package without a tier",
    "packages/new/package.json",
    manifest("@bellmouth/new"),
    "has no tier",
  ],
])("layerViolations catches %s", (_, path, text, message) => {
  const found = layerViolations(new Map(Object.entries({ ...sound, [path]: text })))
  expect(found.join("\n")).toContain(message)
})
