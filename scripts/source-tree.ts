import { globSync, readFileSync, statSync } from "node:fs"
import { dirname, join } from "node:path"

/** The repository's root folder. */
export const ROOT: string = dirname(import.meta.dirname)

/** Text files by their path from the root, with forward slashes. */
export type SourceTree = ReadonlyMap<string, string>

/** Reads the files under the root that match one of the patterns, without what tools have made. */
export function readTree(patterns: readonly string[]): SourceTree {
  const tree = new Map<string, string>()
  for (const path of listFiles(patterns)) tree.set(path, readFileSync(join(ROOT, path), "utf8"))
  return tree
}

/** Paths under the root that match one of the patterns, sorted. */
export function listFiles(patterns: readonly string[]): string[] {
  const found = globSync([...patterns], { cwd: ROOT, exclude: isGenerated })
  return found
    .filter((path) => !isGenerated(path) && statSync(join(ROOT, path)).isFile())
    .map((path) => path.replaceAll("\\", "/"))
    .sort()
}

function isGenerated(name: string): boolean {
  return /(^|[\\/])(node_modules|dist|\.cache|\.git|coverage)$/.test(name)
}
