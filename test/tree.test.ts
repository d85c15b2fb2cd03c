import { expect, test } from "vitest"
import { readTree } from "../scripts/source-tree.ts"
import { treeViolations } from "../scripts/tree-violations.ts"

const tree = readTree([
  "*",
  ".*",
  "{.ci,.changeset}/*",
  "{packages,scripts,test,bench,demo,docs,rfcs}/**/*.{ts,js,mjs,json,md,html,css,sh}",
])

test("No file names a machine's folder or a registry, and none is longer than it may be", () => {
  expect(treeViolations(tree)).toEqual([])
})

test("The tree test sees sources, settings and both lock files", () => {
  for (const file of [
    "package-lock.json",
    "test/runtimes/package-lock.json",
    ".npmrc",
    ".ci/run",
  ]) {
    expect(tree.has(file), file).toBe(true)
  }
  expect([...tree.keys()].filter((file) => file.endsWith(".ts")).length).toBeGreaterThan(30)
})

const host = ["registry", "example", "org"].join(".")
const mirror = ["deb", "debian", "org"].join(".")

test.each([
  ["a machine's folder", "a.md", `line\nsee /${"home"}/someone/x`, "a.md:2 names a folder"],
  ["a registry", ".npmrc", `registry=https://${host}/`, ".npmrc:1 names a registry"],
  ["a Debian mirror", "scripts/a.ts", `"http://${mirror}/debian"`, "a.ts:1 names a registry"],
  [
    "a lock file with addresses",
    "test/package-lock.json",
    '{\n"resolved": "https://x.org/y.tgz"}',
    "lock.json:2 holds a download",
  ],
  [
    "a lock file without a platform's package",
    "package-lock.json",
    JSON.stringify({
      packages: {
        "": {},
        "node_modules/a": { optionalDependencies: { "@a/linux": "1", "@a/mac": "1" } },
        "node_modules/@a/linux": {},
        "node_modules/b/node_modules/@a/mac": {},
      },
    }),
    "package-lock.json:1 lacks @a/mac, an optional dependency of node_modules/a",
  ],
  ["a long file", "scripts/a.ts", "x\n".repeat(301), "longer than 300"],
  ["an index.ts that is no entry", "packages/core/src/a/index.ts", "", "no entry"],
])("treeViolations catches %s", (_, file, text, message) => {
  const found = treeViolations(new Map([[file, text]]))
  expect(found).toHaveLength(1)
  expect(found[0]).toContain(message)
})

test("treeViolations accepts a file of 300 lines, an address that is no registry, a URL path", () => {
  const text = `${"x\n".repeat(299)}// https://example.org/home/x/y\n`
  expect(treeViolations(new Map([["scripts/a.ts", text]]))).toEqual([])
})
