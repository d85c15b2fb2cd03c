import { readFileSync, readlinkSync } from "node:fs"
import { hostname } from "node:os"

/** What tells one process from every other, on this machine and across its restarts. */
export interface ProcessIdentity {
  readonly pid: number
  /** When the process began, in clock ticks since the machine did; "" where that is not told. */
  readonly started: string
  /** The run of the machine; "" where that is not told. */
  readonly boot: string
  readonly host: string
  /** The space in which `pid` counts; "" where there is only one. */
  readonly space: string
}

export function ownIdentity(): ProcessIdentity {
  return {
    pid: process.pid,
    started: startedOf(statOf(process.pid)) ?? "",
    boot: readOr("/proc/sys/kernel/random/boot_id"),
    host: hostname(),
    space: spaceOf(),
  }
}

/** Whether a process runs, as far as it can be told from here. */
export function liveness(other: ProcessIdentity): "alive" | "dead" | "unknown" {
  const own = ownIdentity()
  if (other.host !== own.host) return "unknown"
  if (other.boot !== own.boot) return "dead"
  if (other.space !== own.space) return "unknown"
  const stat = statOf(other.pid)
  if (stat !== "") return startedOf(stat) === other.started ? "alive" : "dead"
  if (!isRunning(other.pid)) return "dead"
  // A system may hide what it tells of the processes of others (hidepid): it may be this one.
  return own.started === "" ? "alive" : "unknown"
}

function statOf(pid: number): string {
  return readOr(`/proc/${pid}/stat`)
}

/** Field 22 of /proc/<pid>/stat; the second field is a name in brackets, with any bytes in it. */
function startedOf(stat: string): string | undefined {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  // A zombie holds nothing any more.
  return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19]
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it runs, and belongs to someone else.
    return error instanceof Error && "code" in error && error.code === "EPERM"
  }
}

function readOr(path: string): string {
  try {
    return readFileSync(path, "utf8").trim()
  } catch {
    // Not this kind of system, or no such process: the caller takes "" for that.
    return ""
  }
}

function spaceOf(): string {
  try {
    return readlinkSync("/proc/self/ns/pid")
  } catch {
    // Not this kind of system: there is one space.
    return ""
  }
}
