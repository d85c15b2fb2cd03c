import { spawn } from "node:child_process"
import { stripVTControlCharacters } from "node:util"
import { ROOT } from "./source-tree.ts"

/** How a command ended, and what it printed. */
export interface CommandResult {
  /** The exit code; 124 when the time limit ended it, 127 when it could not be started. */
  readonly code: number
  /** Standard output and standard error as they came. */
  readonly output: string
  readonly stdout: string
}

export interface CommandOptions {
  /** Working folder. Default: the repository's root. */
  readonly cwd?: string
  /** Variables on top of this process's environment. */
  readonly env?: Readonly<Record<string, string>>
  /** The most milliseconds it may take; then its process group is killed. Default 10 minutes. */
  readonly timeoutMs?: number
  readonly input?: string
}

/** Process groups under way: they do not outlive this process. */
const groups = new Set<number>()
process.on("exit", () => {
  for (const pid of groups) killGroup(pid)
})

/** Runs a command without a shell and collects what it prints. Never rejects. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const { cwd = ROOT, timeoutMs = 600_000 } = options
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, NO_COLOR: "1", ...options.env },
      stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
      detached: true,
    })
    if (child.pid !== undefined) groups.add(child.pid)
    let output = ""
    let stdout = ""
    let late = false
    const timer = setTimeout(() => {
      late = true
      output += `\nStopped after ${timeoutMs} ms\n`
      killGroup(child.pid)
      // A daemon that it has left may hold these open for ever.
      child.stdout?.destroy()
      child.stderr?.destroy()
    }, timeoutMs)
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      output += text
      stdout += text
    })
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      output += text
    })
    child.on("error", (error) => {
      clearTimeout(timer)
      resolve({ code: 127, output: `${output}Cannot run ${command}: ${error.message}\n`, stdout })
    })
    child.on("close", (code) => {
      clearTimeout(timer)
      if (child.pid !== undefined) groups.delete(child.pid)
      // Some tools print colours in CI whatever they are told.
      resolve({ code: late ? 124 : (code ?? 1), output: stripVTControlCharacters(output), stdout })
    })
    child.stdin?.on("error", () => {
      // The child ended before it read its input: its exit code tells.
    })
    child.stdin?.end(options.input)
  })
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, "SIGKILL")
  } catch {
    // It ended by itself in the meantime; "close" reports how.
  }
}
