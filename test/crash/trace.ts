import { readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { runCommand } from "../../scripts/command.ts"
import { debianProgram } from "../../scripts/debian.ts"
import { firstFile, installRuntimes, runtimeFile } from "../../scripts/runtimes/install.ts"
import { readSystemCalls, type SystemCall } from "./system-calls.ts"

const WATCHED = [
  "openat,open,close,mkdir,rename,renameat,renameat2,link,linkat,unlink,unlinkat,ftruncate",
  "write,pwrite64,writev,pwritev,pwritev2,fsync,fdatasync,io_uring_enter",
].join()

/** What a traced program has done. */
export interface Trace {
  readonly calls: readonly SystemCall[]
  readonly code: number
  readonly stdout: string
  /** How many calls strace says that it has changed. */
  readonly injected: number
}

/** How to run one file in a runtime. */
export async function runtimeCommand(name: "node" | "deno" | "bun"): Promise<readonly string[]> {
  if (name === "node") return [process.execPath]
  await installRuntimes()
  const architecture = process.arch === "arm64" ? "arm64" : "x64"
  if (name === "deno") {
    const file = runtimeFile(`@deno/linux-${architecture}-glibc`, "deno")
    return [firstFile(name, [file]), "run", "--allow-all", "--no-config", "--no-lock"]
  }
  const packageName = `@oven/bun-linux-${architecture === "arm64" ? "aarch64" : "x64"}`
  return [firstFile(name, [runtimeFile(packageName, "bin/bun")]), "run"]
}

/** Runs a program under strace. `options` are those of strace that change calls. */
export async function trace(
  folder: string,
  command: readonly string[],
  options: readonly string[] = [],
  watched: string = WATCHED,
): Promise<Trace> {
  const strace = await debianProgram("strace", "strace")
  const file = join(folder, `trace-${crypto.randomUUID()}`)
  const args = ["-f", "-y", "-qq", "-s", "512", "-o", file]
  // It makes a run shorter, and lets no call kill.
  if (!options.some((option) => option.includes("signal="))) args.unshift("--seccomp-bpf")
  const result = await runCommand(
    strace.path,
    [...args, "-e", `trace=${watched}`, "-e", "signal=none", ...options, ...command],
    {
      // `when=` counts in each thread: there has to be one. The kernel's own queue can not be seen.
      env: { ...strace.env, UV_THREADPOOL_SIZE: "1", UV_USE_IO_URING: "0" },
      timeoutMs: 60_000,
    },
  )
  const calls = readSystemCalls(file)
  const injected = readFileSync(file, "latin1").split("(INJECTED)").length - 1
  rmSync(file)
  return { calls, code: result.code, stdout: result.stdout, injected }
}
