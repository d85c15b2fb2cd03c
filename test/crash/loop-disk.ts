import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { debianProgram } from "../../scripts/debian.ts"

const MIB = 1_048_576

/** A file system in a file, whose power can be cut. */
export interface LoopDisk {
  /** Where it is mounted. */
  readonly path: string
  /** Nothing goes to the disk from here on; what was not synced is gone after `remount`. */
  cut(): Promise<void>
  remount(): Promise<void>
  remove(): Promise<void>
}

export interface LoopDiskOptions {
  readonly megabytes: number
  readonly format?: readonly string[]
  readonly mount?: string
}

/** Makes a file system in a file of `folder`, and mounts it there. Needs root. */
export async function makeLoopDisk(
  folder: string,
  type: "ext4" | "xfs",
  options: LoopDiskOptions,
): Promise<LoopDisk> {
  const path = join(folder, `${type}-${crypto.randomUUID()}`)
  const image = `${path}.img`
  mkdirSync(path)
  writeFileSync(image, "")
  truncateSync(image, options.megabytes * MIB)
  const packageName = type === "xfs" ? "xfsprogs" : "e2fsprogs"
  const make = await debianProgram(`mkfs.${type}`, packageName)
  const io = await debianProgram("xfs_io", "xfsprogs")
  const force = type === "xfs" ? "-f" : "-F"
  await run(make, ["-q", force, ...(options.format ?? []), image])
  const mount = (): Promise<void> => mountAt(path, ["-o", options.mount ?? "loop", image])
  await mount()
  return {
    path,
    cut: () => run(io, ["-x", "-c", "shutdown", path]),
    async remount() {
      await run({ path: "umount" }, [path])
      await mount()
    },
    async remove() {
      await run({ path: "umount" }, [path])
      rmSync(image)
    },
  }
}

/** Mounts a small file system in memory; gives what takes it away. */
export async function mountMemory(path: string, size: string): Promise<() => Promise<void>> {
  mkdirSync(path, { recursive: true })
  await mountAt(path, ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs"])
  return () => run({ path: "umount" }, [path])
}

/** Gives a file system in memory another size. */
export function growMemory(path: string, size: string): Promise<void> {
  return run({ path: "mount" }, ["-o", `remount,size=${size}`, path])
}

function mountAt(path: string, args: readonly string[]): Promise<void> {
  return run({ path: "mount" }, [...args, path])
}

interface Program {
  readonly path: string
  readonly env?: Readonly<Record<string, string>>
}

async function run(program: Program, args: readonly string[]): Promise<void> {
  const child = spawn(program.path, args, {
    env: { ...process.env, ...program.env },
    stdio: ["ignore", "ignore", "pipe"],
  })
  let text = ""
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk
  })
  const [code] = await once(child, "close")
  if (code !== 0) throw new Error(`Cannot run ${program.path} ${args.join(" ")}: ${text.trim()}`)
}
