import { existsSync, readdirSync, realpathSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { type Level, LogError } from "@bellmouth/log"
import { GitFailure, runGit } from "./git/git-command.ts"
import { makeRepository } from "./make-repository.ts"
import type { ObjectFormat } from "./objects/object-format.ts"

/** `cat-file --batch-command` and `core.fsync` came with it. */
const OLDEST = [2, 36] as const

/** A git repository. */
export interface Repository {
  /** The directory that holds `refs` and `objects`, for all work trees. */
  readonly directory: string
  readonly objects: string
  readonly format: ObjectFormat
  readonly level: Level
}

export interface OpenRepositoryInit {
  readonly path: string
  readonly level: Level
  /** Of a repository that is made, because there is nothing at `path`; undefined: none is made. */
  readonly make: ObjectFormat | undefined
}

/**
 * Finds the repository at a path, and not above it; or makes a bare one, where there is nothing.
 *
 * @throws {LogError} `NOT_A_LOG`, or `UNSUPPORTED` when git is missing or too old, or keeps refs in another way.
 */
export async function openRepository(init: OpenRepositoryInit): Promise<Repository> {
  const { path, level, make } = init
  const wanted = resolve(path)
  const isEmpty = !existsSync(wanted) || isEmptyDirectory(wanted)
  if (isEmpty && make === undefined) throw notALog(path, "there is no repository")
  checkVersion(await runGit({ directory: tmpdir(), level }, ["version"]))
  if (isEmpty && make !== undefined) {
    await makeRepository(existsSync(wanted) ? realpathSync(wanted) : wanted, level, make)
  }
  const place = { directory: realpathSync(wanted), level }
  const asked = ["--git-common-dir", "--git-path", "objects", "--show-object-format", "--git-dir"]
  const said = await describe(path, () =>
    runGit(place, ["rev-parse", "--path-format=absolute", ...asked]),
  )
  const [directory = "", objects = "", format = "", found = ""] = said.split("\n")
  if (!isAt(place.directory, found)) throw notALog(path, `it is in ${found}, and no repository`)
  if (format !== "sha1" && format !== "sha256") {
    throw notALog(path, `it names its objects by ${JSON.stringify(format)}`)
  }
  if (existsSync(join(directory, "reftable"))) {
    throw new LogError(
      "UNSUPPORTED",
      `Cannot open ${path} as a log: it keeps its refs as a reftable; use a repository that keeps them as files`,
      { path },
    )
  }
  return { directory, objects, format, level }
}

/** What stands in the way of a log. */
export function notALog(path: string, state: string, cause?: unknown): LogError {
  return new LogError(
    "NOT_A_LOG",
    `Cannot open ${path} as a log: ${state}; give a git repository that holds one, or open it for writing`,
    { path, cause },
  )
}

async function describe(path: string, ask: () => Promise<string>): Promise<string> {
  try {
    return await ask()
  } catch (cause) {
    if (!(cause instanceof GitFailure)) throw cause
    // Git advises a setting of the user, of which none counts here.
    const isOthers = cause.message.includes("dubious ownership")
    const state = isOthers ? "it belongs to another user; open it as that user" : cause.message
    throw notALog(path, state, cause)
  }
}

/** Git takes a colon in a path for its end, where it is told not to look above. */
function isAt(directory: string, found: string): boolean {
  const inside = join(directory, ".git")
  // The file of a work tree leads elsewhere; git goes nowhere else when it can not follow it.
  if (statSync(inside, { throwIfNoEntry: false })?.isFile()) return true
  const places = existsSync(inside) ? [directory, inside] : [directory]
  return places.some((place) => realpathSync(place) === realpathSync(found))
}

function isEmptyDirectory(path: string): boolean {
  try {
    return readdirSync(path).length === 0
  } catch (cause) {
    throw notALog(path, "it is no directory", cause)
  }
}

function checkVersion(text: string): void {
  const [, major = "0", minor = "0"] = /(\d+)\.(\d+)/.exec(text) ?? []
  const [oldestMajor, oldestMinor] = OLDEST
  const isOldMinor = Number(major) === oldestMajor && Number(minor) < oldestMinor
  if (Number(major) > oldestMajor || (Number(major) === oldestMajor && !isOldMinor)) return
  throw new LogError(
    "UNSUPPORTED",
    `Cannot run ${text.trim()}: a log needs git ${OLDEST.join(".")} or later; update git`,
  )
}
