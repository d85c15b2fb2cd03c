import type { SourceTree } from "./source-tree.ts"

/** One public entry of a package: `.` or a subpath, and the source file that it is built from. */
export interface PackageEntry {
  readonly subpath: string
  readonly source: string
}

/** What a package says of itself in its `package.json`. */
export interface WorkspacePackage {
  readonly name: string
  /** The folder's name under `packages/`. */
  readonly folder: string
  readonly private: boolean
  readonly dependencies: readonly string[]
  readonly entries: readonly PackageEntry[]
  /** The source files that each name of its own (`#...`) stands for, one for each condition. */
  readonly imports: ReadonlyMap<string, readonly string[]>
}

interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
  readonly exports?: Readonly<Record<string, string | { readonly default: string }>>
  readonly imports?: Readonly<Record<string, Readonly<Record<string, string>>>>
}

/** The packages of a tree, from each `packages/<folder>/package.json`. */
export function workspacePackages(tree: SourceTree): WorkspacePackage[] {
  const packages: WorkspacePackage[] = []
  for (const [path, text] of tree) {
    const folder = /^packages\/([^/]+)\/package\.json$/.exec(path)?.[1]
    if (folder !== undefined) packages.push(describe(folder, JSON.parse(text)))
  }
  return packages
}

function describe(folder: string, manifest: Manifest): WorkspacePackage {
  const entries: PackageEntry[] = []
  for (const [subpath, target] of Object.entries(manifest.exports ?? {})) {
    if (typeof target === "string") continue
    entries.push({ subpath, source: sourceOf(folder, target.default) })
  }
  const imports = new Map<string, string[]>()
  for (const [name, targets] of Object.entries(manifest.imports ?? {})) {
    imports.set(
      name,
      Object.values(targets).map((target) => sourceOf(folder, target)),
    )
  }
  return {
    name: manifest.name,
    folder,
    private: manifest.private === true,
    dependencies: [...Object.keys(manifest.dependencies ?? {}), ...requiredPeers(manifest)],
    entries,
    imports,
  }
}

function sourceOf(folder: string, target: string): string {
  return target.replace("./dist/", `packages/${folder}/src/`).replace(/\.js$/, ".ts")
}

/** What is optional is handed in by the user, and seen by its shape: it is not imported. */
function requiredPeers({ peerDependencies = {}, peerDependenciesMeta }: Manifest): string[] {
  return Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta?.[name]?.optional)
}
