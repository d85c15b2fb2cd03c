import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process"
import { once } from "node:events"
import { devNull } from "node:os"
import { delimiter, dirname, isAbsolute } from "node:path"
import { type Level, LogError } from "@bellmouth/log"

/** What git says on its standard error is kept up to here, in characters. */
const MAX_ERROR_TEXT = 4_096

/**
 * What is set for every git process, above all configuration: no hook, no helper and no log of refs.
 * The long-lived processes wait so long for a lock of a ref, in milliseconds.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  "core.hooksPath": devNull,
  "core.fsmonitor": "false",
  "core.logAllRefUpdates": "false",
  "core.filesRefLockTimeout": "1000",
  "core.alternateRefsCommand": "",
  "core.fsyncMethod": "fsync",
  "gc.auto": "0",
  "maintenance.auto": "false",
}

/** A git process that talks. */
export interface GitProcess {
  readonly child: ChildProcessWithoutNullStreams
  /** The end of what it has said on its standard error. */
  errorText(): string
}

/** Where a git process works, and how safe its writes are. */
export interface GitPlace {
  readonly directory: string
  readonly level: Level
}

/** Starts git, without a shell. Of the environment it gets the search path only. */
export function startGit(place: GitPlace, args: readonly string[]): GitProcess {
  const settings = { ...SETTINGS, "core.fsync": place.level === "disk" ? "all" : "none" }
  const all = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])
  const child = spawn("git", [...all, ...args], {
    cwd: place.directory,
    env: environment(place.directory),
    stdio: "pipe",
    windowsHide: true,
  })
  let text = ""
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    text = (text + chunk).slice(-MAX_ERROR_TEXT)
  })
  // A process that ends early is told by its end; what could not be written to it is not news then.
  child.stdin.on("error", () => {})
  return { child, errorText: () => text.trim() }
}

/**
 * Runs git to its end, and gives what it has said.
 *
 * @throws {GitFailure} when it ends with anything but 0.
 * @throws {LogError} `UNSUPPORTED` when there is no git.
 */
export async function runGit(place: GitPlace, args: readonly string[]): Promise<string> {
  const { child, errorText } = startGit(place, args)
  child.stdin.end()
  let output = ""
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    output += chunk
  })
  const [code, signal] = await ended(child)
  if (code === 0) return output
  throw new GitFailure(`git ${args[0]} ended with ${signal ?? code}: ${errorText()}`)
}

/** What git has ended with. */
export class GitFailure extends Error {
  override readonly name = "GitFailure"
}

/**
 * Settles when a process has ended, and all that it said was read.
 *
 * @throws {LogError} `UNSUPPORTED` when it could not be started.
 */
export async function ended(
  child: ChildProcessWithoutNullStreams,
): Promise<[code: number | null, signal: string | null]> {
  try {
    const [code, signal] = await once(child, "close")
    return [code, signal]
  } catch (cause) {
    throw new LogError(
      "UNSUPPORTED",
      `Cannot run git: ${cause instanceof Error ? cause.message : String(cause)}; install git 2.36 or later, and have it in the PATH`,
      { cause },
    )
  }
}

/** A process that nobody waits for does not keep this one alive. */
export function hold(child: ChildProcessWithoutNullStreams, isHeld: boolean): void {
  for (const part of [child, child.stdin, child.stdout, child.stderr]) {
    // The streams of a process are sockets, which their types do not say.
    if (isHeld && "ref" in part && typeof part.ref === "function") part.ref()
    if (!isHeld && "unref" in part && typeof part.unref === "function") part.unref()
  }
}

function environment(directory: string): Record<string, string> {
  const { PATH = "", SystemRoot } = process.env
  return {
    // A place that is none of its own is the repository, and a file named git there anybody's.
    PATH: PATH.split(delimiter).filter(isAbsolute).join(delimiter),
    ...(SystemRoot === undefined ? {} : { SystemRoot }),
    LC_ALL: "C",
    // A repository's own configuration may begin a path with a tilde, which git would not go on from.
    HOME: devNull,
    // A later git may keep the refs of a new repository in another way.
    GIT_DEFAULT_REF_FORMAT: "files",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: devNull,
    GIT_ATTR_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    // No protocol has this name, so a missing object is never fetched from anywhere.
    GIT_ALLOW_PROTOCOL: "none",
    GIT_NO_LAZY_FETCH: "1",
    // Another object in the place of a commit would be another log.
    GIT_NO_REPLACE_OBJECTS: "1",
    // A directory that is no repository is not looked for above it.
    GIT_CEILING_DIRECTORIES: dirname(directory),
  }
}
