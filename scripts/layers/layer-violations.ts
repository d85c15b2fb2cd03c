import { posix } from "node:path"
import type { SourceTree } from "../source-tree.ts"
import { type WorkspacePackage, workspacePackages } from "../workspace-package.ts"
import { findCycles } from "./cycles.ts"
import { importsOf } from "./source-imports.ts"

/** The tier of each package's folder: a package imports only from lower tiers. */
export const TIERS: Readonly<Record<string, number>> = {
  core: 1,
  framing: 2,
  mux: 2,
  log: 2,
  "log-fs": 3,
  "log-git": 3,
  "log-valkey": 3,
  http: 3,
  node: 4,
  cli: 5,
}

/** The folders whose sources may import `node:` modules. */
const NODE_PACKAGES: readonly string[] = ["log-fs", "log-git", "node", "cli"]

/**
 * What in a tree of `packages/*` breaks the layers, one sentence each with `file:line`:
 * an arrow to the same or a higher tier, `node:` in a neutral package, a circle between files or folders,
 * a manifest that disagrees with the imports, a relative import that leaves its package.
 */
export function layerViolations(tree: SourceTree): string[] {
  const packages = workspacePackages(tree)
  const found: string[] = []
  const edges = new Map<string, string[]>()
  for (const owner of packages) {
    if (TIERS[owner.folder] === undefined) {
      found.push(`packages/${owner.folder}/package.json:1 has no tier`)
    }
    found.push(...packageViolations(owner, packages, tree, edges))
  }
  for (const cycle of [...findCycles(edges), ...findCycles(folderEdges(edges))]) {
    found.push(`${cycle.join(" -> ")} is a circle`)
  }
  return found
}

/** The arrows between the folders of a package's sources. Files beside `index.ts` stand in none. */
function folderEdges(edges: ReadonlyMap<string, readonly string[]>): Map<string, string[]> {
  const folders = new Map<string, string[]>()
  for (const [file, targets] of edges) {
    const from = folderOf(file)
    if (from === undefined || file.endsWith(".test.ts")) continue
    const to = new Set(targets.map(folderOf).filter((folder) => folder !== undefined))
    to.delete(from)
    folders.set(from, [...(folders.get(from) ?? []), ...to])
  }
  return folders
}

function folderOf(file: string): string | undefined {
  return /^packages\/[^/]+\/src\/[^/]+(?=\/)/.exec(file)?.[0]
}

function packageViolations(
  owner: WorkspacePackage,
  packages: readonly WorkspacePackage[],
  tree: SourceTree,
  edges: Map<string, string[]>,
): string[] {
  const found: string[] = []
  const used = new Set<string>()
  const root = `packages/${owner.folder}/`
  for (const [file, text] of tree) {
    if (!file.startsWith(root) || !file.endsWith(".ts")) continue
    // What stands beside `src` is support for tests: it is not built.
    const isTest = file.endsWith(".test.ts") || !file.startsWith(`${root}src/`)
    const targets: string[] = []
    edges.set(file, targets)
    for (const { specifier, line } of importsOf(file, text)) {
      const at = `${file}:${line}`
      if (specifier === undefined) {
        if (!isTest) found.push(`${at} imports something that is not a literal`)
      } else if (/^[.#]/.test(specifier)) {
        const own = owner.imports.get(specifier)
        if (specifier.startsWith("#") && own === undefined) {
          found.push(`${at} imports ${specifier}, which its package.json does not name`)
        }
        for (const target of own ?? [posix.join(posix.dirname(file), specifier)]) {
          targets.push(target)
          found.push(...relativeViolations(at, target, specifier, owner, tree, isTest))
        }
      } else if (specifier.startsWith("node:")) {
        if (!isTest && !NODE_PACKAGES.includes(owner.folder)) {
          found.push(`${at} imports ${specifier} in a neutral package`)
        }
      } else {
        const name = packageName(specifier)
        if (!isTest) used.add(name)
        found.push(...packageArrow(at, name, owner, packages, isTest))
      }
    }
  }
  for (const name of owner.dependencies) {
    if (!used.has(name)) {
      found.push(`packages/${owner.folder}/package.json:1 depends on ${name} without importing it`)
    }
  }
  return found
}

function relativeViolations(
  at: string,
  target: string,
  specifier: string,
  owner: WorkspacePackage,
  tree: SourceTree,
  isTest: boolean,
): string[] {
  const root = `packages/${owner.folder}/`
  if (!target.startsWith(root)) return [`${at} leaves its package: ${specifier}`]
  if (!isTest && !target.startsWith(`${root}src/`)) {
    return [`${at} leaves its sources: ${specifier}`]
  }
  if (target.endsWith(".ts") && !tree.has(target)) {
    return [`${at} imports a missing file: ${specifier}`]
  }
  if (!isTest && owner.entries.some((entry) => entry.source === target)) {
    return [`${at} imports through its own package's entry: ${specifier}`]
  }
  return []
}

function packageArrow(
  at: string,
  name: string,
  owner: WorkspacePackage,
  packages: readonly WorkspacePackage[],
  isTest: boolean,
): string[] {
  const target = packages.find((candidate) => candidate.name === name)
  if (target === undefined) {
    const known = isTest || owner.dependencies.includes(name)
    return known ? [] : [`${at} imports ${name}, which its package.json does not depend on`]
  }
  if (target === owner) {
    return isTest ? [] : [`${at} imports its own package by name`]
  }
  const found: string[] = []
  if ((TIERS[target.folder] ?? 0) >= (TIERS[owner.folder] ?? 0)) {
    found.push(`${at} imports ${name}: ${owner.folder} stands on no higher tier`)
  }
  if (!isTest && !owner.dependencies.includes(name)) {
    found.push(`${at} imports ${name}, which its package.json does not depend on`)
  }
  return found
}

function packageName(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/")
}
