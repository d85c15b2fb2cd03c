import { posix } from "node:path"
import { type Declaration, parseSync, type Statement } from "oxc-parser"
import { lineAt } from "../layers/source-imports.ts"
import type { SourceTree } from "../source-tree.ts"
import type { WorkspacePackage } from "../workspace-package.ts"
import { docComments, docExamples } from "./doc-comment.ts"

/** One name that a package's entry exports, and what its declaration says of itself. */
export interface PublicExport {
  readonly name: string
  readonly file: string
  readonly line: number
  /** Whether only the type system sees it. */
  readonly isType: boolean
  readonly documented: boolean
  /** How many `@example` blocks its comment holds. */
  readonly examples: number
}

/**
 * The exports of an entry, followed through `export ... from` to their declarations, also into other
 * packages of the tree.
 *
 * @throws {Error} when an export leads nowhere in the tree, or is written in a way that can not be
 * followed, so that none is passed over.
 */
export function publicExports(
  entry: string,
  tree: SourceTree,
  packages: readonly WorkspacePackage[],
): PublicExport[] {
  const found: PublicExport[] = []
  const source = sourceOf(entry, tree)
  for (const item of parseSync(entry, source).module.staticExports.flatMap((e) => e.entries)) {
    const at = `${entry}:${lineAt(source, item.start)}`
    if (item.moduleRequest === null) {
      const local = item.localName.name
      const name = item.exportName.name
      if (local === null || name === null) throw new Error(`Cannot follow a nameless export: ${at}`)
      found.push({ ...declarationOf(entry, local, tree, packages), name })
      continue
    }
    const target = resolve(entry, item.moduleRequest.value, packages)
    if (target === undefined) {
      throw new Error(`Cannot document what another project exports: ${at}`)
    }
    const all = publicExports(target, tree, packages)
    if (item.importName.kind === "AllButDefault") {
      found.push(...all)
    } else {
      const same = all.find((each) => each.name === item.importName.name)
      const name = item.exportName.name
      if (same === undefined || name === null) {
        throw new Error(`Cannot follow ${item.importName.name ?? "*"} into ${target}: ${at}`)
      }
      found.push({ ...same, name })
    }
  }
  return found
}

function declarationOf(
  file: string,
  local: string,
  tree: SourceTree,
  packages: readonly WorkspacePackage[],
): Omit<PublicExport, "name"> {
  const source = sourceOf(file, tree)
  const { program, module } = parseSync(file, source)
  for (const { moduleRequest, entries } of module.staticImports) {
    const item = entries.find((each) => each.localName.value === local)
    const target = item && resolve(file, moduleRequest.value, packages)
    const imported = item?.importName.name
    const same =
      target && publicExports(target, tree, packages).find((each) => each.name === imported)
    if (same) return same
  }
  const statement = program.body.find((each) => declaredNames(each).includes(local))
  if (statement === undefined) throw new Error(`Cannot find the declaration of ${local}: ${file}`)
  const comment = docComments(file, source).findLast(
    ({ end }) => end <= statement.start && isSpace(source.slice(end, statement.start)),
  )
  return {
    file,
    line: lineAt(source, statement.start),
    isType: /^TS(Interface|TypeAlias)/.test(declared(statement)?.type ?? ""),
    documented: comment !== undefined && /^\s*[^@\s]/.test(comment.text),
    examples: comment === undefined ? 0 : docExamples(comment).length,
  }
}

function declared(statement: Statement): Declaration | undefined {
  if (statement.type === "ExportNamedDeclaration") return statement.declaration ?? undefined
  return "id" in statement || "declarations" in statement ? (statement as Declaration) : undefined
}

function declaredNames(statement: Statement): string[] {
  const declaration = declared(statement)
  if (declaration === undefined) return []
  if (declaration.type === "VariableDeclaration") {
    return declaration.declarations.flatMap(({ id }) => (id.type === "Identifier" ? [id.name] : []))
  }
  const id = "id" in declaration ? declaration.id : null
  return id !== null && id.type === "Identifier" ? [id.name] : []
}

function resolve(
  file: string,
  specifier: string,
  packages: readonly WorkspacePackage[],
): string | undefined {
  if (specifier.startsWith(".")) return posix.join(posix.dirname(file), specifier)
  for (const { name, entries } of packages) {
    const entry = entries.find((each) => posix.join(name, each.subpath) === specifier)
    if (entry !== undefined) return entry.source
  }
  return undefined
}

function sourceOf(file: string, tree: SourceTree): string {
  const source = tree.get(file)
  if (source === undefined) throw new Error(`Cannot read ${file}: it is not in the tree`)
  return source
}

function isSpace(text: string): boolean {
  return text.replace(/\/\/.*|\/\*[\s\S]*?\*\//g, "").trim() === ""
}
