import type { SourceTree } from "./source-tree.ts"
import { workspacePackages } from "./workspace-package.ts"

const MAX_LINES = 300

/** Folders of a machine, which no file of the project may name; `/tmp/x` in a message is one too. */
const MACHINE_PATH = /(?<![\w.~-])\/(?:work|root|home|Users)\/[\w.-]+/

/** Hosts that packages are fetched from: which one is used is the machine's affair. */
const REGISTRY_HOST = /\b(?:registry\.[a-z]+\.(?:org|com|io)|deb\.debian\.org|jsr\.io\/@)/

/**
 * What no file of the tree may hold, one sentence each with `file:line`: machine paths, registry
 * hosts, a lock file with download addresses or that `npm ci` refuses; and sources over 300 lines, or an `index.ts` that is
 * no package's entry.
 */
export function treeViolations(tree: SourceTree): string[] {
  const found: string[] = []
  const entries = workspacePackages(tree).flatMap((each) =>
    each.entries.map(({ source }) => source),
  )
  for (const [file, text] of tree) {
    if (file.endsWith("package-lock.json")) {
      found.push(...matches(file, text, /"resolved": *"https?:/, "holds a download address"))
      found.push(...missingFromLock(file, JSON.parse(text)))
      continue
    }
    found.push(...matches(file, text, MACHINE_PATH, "names a folder of a machine"))
    found.push(...matches(file, text, REGISTRY_HOST, "names a registry's host"))
    if (!file.endsWith(".ts")) continue
    const lines = text.split("\n").length - 1
    if (lines > MAX_LINES) found.push(`${file}:${MAX_LINES} is longer than ${MAX_LINES} lines`)
    if (/^packages\/[^/]+\/src\/(.*\/)?index\.ts$/.test(file) && !entries.includes(file)) {
      found.push(`${file}:1 is named index.ts and is no entry of its package`)
    }
  }
  return found
}

interface Lock {
  readonly packages?: Readonly<
    Record<string, { readonly optionalDependencies?: Readonly<Record<string, string>> }>
  >
}

/**
 * Optional dependencies that a lock file does not hold, as happens when a platform's package could
 * not be had: `npm ci` refuses such a lock file, though `npm install` made it.
 */
function missingFromLock(file: string, { packages = {} }: Lock): string[] {
  return Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !isInLock(path, name, packages))
      .map((name) => `${file}:1 lacks ${name}, an optional dependency of ${path || "the root"}`),
  )
}

/** Whether a name resolves from a path, by the rules of `node_modules`. */
function isInLock(
  path: string,
  name: string,
  packages: Readonly<Record<string, unknown>>,
): boolean {
  for (let at: string | undefined = path; at !== undefined; at = parentOf(at)) {
    if (packages[`${at === "" ? "" : `${at}/`}node_modules/${name}`] !== undefined) return true
  }
  return false
}

function parentOf(path: string): string | undefined {
  if (path === "") return undefined
  const at = path.lastIndexOf("/node_modules/")
  return at === -1 ? "" : path.slice(0, at)
}

function matches(file: string, text: string, pattern: RegExp, what: string): string[] {
  if (!pattern.test(text)) return []
  return text
    .split("\n")
    .flatMap((row, index) => (pattern.test(row) ? [`${file}:${index + 1} ${what}`] : []))
}
