import {
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { delimiter, dirname, join } from "node:path"
import { type CommandResult, runCommand } from "./command.ts"
import { debianSources, formatSources } from "./debian-sources.ts"
import { ROOT } from "./source-tree.ts"
import { withLock } from "./with-lock.ts"

const CACHE = join(ROOT, ".cache/debian")

/** Debian packages unpacked into a folder of the project, and how to run what they hold. */
export interface DebianTree {
  /** The folder that stands for `/`. */
  readonly root: string
  /** `PATH` and `LD_LIBRARY_PATH` under which the tree's programs are found and run. */
  readonly env: Readonly<Record<string, string>>
}

/**
 * Brings Debian packages, with those dependencies that the machine lacks, into `.cache/debian`,
 * without root and without touching the machine: apt keeps its state there, and `dpkg -x` unpacks.
 * What was brought once stays.
 *
 * @param names - Package names; `name/suite` takes one from another suite, such as backports.
 * @throws {Error} when apt or dpkg is missing or fails, with what it printed.
 */
export async function bringDebian(names: readonly string[]): Promise<DebianTree> {
  const codename = readCodename()
  const wanted = names.map((name) => name.replace("/backports", `/${codename}-backports`))
  const root = join(CACHE, wanted.join("+").replaceAll("/", "_"))
  await withLock("debian", async () => {
    if (existsSync(root)) return
    const work = `${root}.part`
    try {
      await unpack(await download(wanted, codename, work), join(work, "root"))
      renameSync(join(work, "root"), root)
    } finally {
      rmSync(work, { recursive: true, force: true })
    }
  })
  return { root, env: treeEnv(root) }
}

/** A program, and what its environment needs. */
export interface DebianProgram {
  readonly path: string
  readonly env: Readonly<Record<string, string>>
}

/**
 * The path of a program: the machine's own when its `PATH` has it, else from a Debian package.
 *
 * @throws {Error} when the package can not be brought, or does not hold the program.
 */
export async function debianProgram(program: string, packageName: string): Promise<DebianProgram> {
  const own = findProgram(program)
  if (own !== undefined) return { path: own, env: {} }
  const { env } = await bringDebian([packageName])
  const path = findProgram(program, env["PATH"])
  if (path === undefined) throw new Error(`Cannot find ${program} in Debian's ${packageName}`)
  return { path, env }
}

async function download(
  names: readonly string[],
  codename: string,
  work: string,
): Promise<readonly string[]> {
  for (const folder of ["state/lists/partial", "cache/archives/partial", "etc/empty"]) {
    mkdirSync(join(work, folder), { recursive: true })
  }
  const machine = globSync(["/etc/apt/sources.list", "/etc/apt/sources.list.d/*.{list,sources}"])
  const texts = machine.map((file) => readFileSync(file, "utf8"))
  writeFileSync(join(work, "etc/debian.sources"), formatSources(debianSources(texts, codename)))
  const options = Object.entries({
    "Dir::State": join(work, "state"),
    "Dir::State::status": "/var/lib/dpkg/status",
    "Dir::Cache": join(work, "cache"),
    "Dir::Etc::sourcelist": join(work, "etc/debian.sources"),
    "Dir::Etc::sourceparts": join(work, "etc/empty"),
    "Debug::NoLocking": "true",
    "Acquire::Retries": "3",
    // As root, apt would download as a user who may not write here.
    "APT::Sandbox::User": process.getuid?.() === 0 ? "root" : "",
  }).flatMap(([key, value]) => ["-o", `${key}=${value}`])
  await succeed("apt-get", [...options, "-q", "update"])
  await succeed("apt-get", [
    ...options,
    "-q",
    "-y",
    "--no-install-recommends",
    "--download-only",
    "--reinstall",
    "install",
    ...names,
  ])
  return globSync(join(work, "cache/archives/*.deb"))
}

async function unpack(archives: readonly string[], root: string): Promise<void> {
  if (archives.length === 0) throw new Error("Cannot bring Debian packages: apt-get brought none")
  mkdirSync(root, { recursive: true })
  for (const archive of archives) await succeed("dpkg", ["-x", archive, root])
}

async function succeed(command: string, args: readonly string[]): Promise<CommandResult> {
  const env = { LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" }
  const result = await runCommand(command, args, { env })
  if (result.code !== 0) {
    throw new Error(`Cannot bring Debian packages: ${command} says\n${result.output.trim()}`)
  }
  return result
}

function treeEnv(root: string): Record<string, string> {
  const programs = ["usr/sbin", "usr/bin", "sbin", "bin"].map((folder) => join(root, folder))
  // Some packages keep their private libraries one folder deeper.
  const files = globSync(join(root, "{usr/lib,lib}/*-linux-gnu*/{,*/}*.so*"))
  const libraries = new Set(files.map((file) => dirname(file)))
  return {
    PATH: [...programs, process.env["PATH"] ?? ""].join(delimiter),
    LD_LIBRARY_PATH: [...libraries, process.env["LD_LIBRARY_PATH"] ?? ""]
      .filter((folder) => folder !== "")
      .join(delimiter),
  }
}

/** Where a program stands on a `PATH`; by default, on this process's own. */
export function findProgram(program: string, path = process.env["PATH"]): string | undefined {
  return (path ?? "")
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find((file) => existsSync(file))
}

function readCodename(): string {
  const release = readFileSync("/etc/os-release", "utf8")
  const codename = /^VERSION_CODENAME=(\S+)$/m.exec(release)?.[1]
  if (codename === undefined) throw new Error("Cannot bring Debian packages: no Debian here")
  return codename
}
