import { type ChildProcess, spawn } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import process from "node:process"
import { text } from "node:stream/consumers"

const GROUPS = "/sys/fs/cgroup/memory"

/** How a program came to its end within a limit. */
export interface LimitedRun {
  /** 137: it wanted more memory than there was. */
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/**
 * Whether the kernel can limit a process here: it takes root and cgroups of version 1. In continuous
 * integration a root that has none is a failure.
 */
export function hasMemoryGroups(): boolean {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false
  if (existsSync(join(GROUPS, "memory.limit_in_bytes"))) return true
  if (process.env["CI"] === "true") throw new Error(`Cannot limit memory: ${GROUPS} is missing`)
  return false
}

/** Runs a program of this runtime that is killed when it takes more than so many bytes. */
export function runWithin(
  limitBytes: number,
  program: string,
  args: readonly string[],
): Promise<LimitedRun> {
  return hasMemoryGroups()
    ? runInGroup(limitBytes, program, args)
    : runWatched(limitBytes, program, args)
}

async function runInGroup(
  limitBytes: number,
  program: string,
  args: readonly string[],
): Promise<LimitedRun> {
  const group = join(GROUPS, `bellmouth-${crypto.randomUUID()}`)
  mkdirSync(group)
  try {
    writeFileSync(join(group, "memory.limit_in_bytes"), String(limitBytes))
    // It enters the group before it becomes the program, so nothing of it is outside.
    const enter = 'echo $$ > "$0/cgroup.procs" && exec "$@"'
    const run = await finish(spawn("sh", ["-c", enter, group, process.execPath, program, ...args]))
    const kills = /oom_kill (\d+)/.exec(readFileSync(join(group, "memory.oom_control"), "utf8"))
    const wasKilled = Number(kills?.[1] ?? 0) > 0
    if (wasKilled !== (run.code === 137)) {
      throw new Error(`Cannot tell why it ended with ${run.code}: ${kills?.[0]}, ${run.stderr}`)
    }
    return run
  } finally {
    rmdirSync(group)
  }
}

/**
 * Without groups (no root, another system) the heap is limited by V8, and the program looks at what
 * else it holds itself: buffers lie outside of the heap.
 */
async function runWatched(
  limitBytes: number,
  program: string,
  args: readonly string[],
): Promise<LimitedRun> {
  const heap = `--max-old-space-size=${Math.ceil(limitBytes / 2 ** 20)}`
  return finish(spawn(process.execPath, [heap, program, ...args, String(limitBytes)]))
}

async function finish(child: ChildProcess): Promise<LimitedRun> {
  if (child.stdout === null || child.stderr === null) throw new Error("Its output is not read")
  const ended = new Promise<number>((resolve, reject) => {
    child.on("error", reject)
    child.on("close", (code, signal) => resolve(signal === "SIGKILL" ? 137 : (code ?? 1)))
  })
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)])
  return { code, stdout, stderr }
}
