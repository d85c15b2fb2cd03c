import { readFileSync, readlinkSync } from "node:fs"
import { hostname } from "node:os"

/** Tells this process from every other: host, run of the machine, space of ids, id, and when it began. */
export function ownIdentity(): string {
  return [...ownPlace(), process.pid, startOf(statOf(process.pid))].join(" ")
}

/** Whether the process of an identity may still run; what can not be told from here may. */
export function mayRun(identity: string): boolean {
  const [host, boot, space, pid = "", start] = identity.split(" ")
  const [ownHost, ownBoot, ownSpace] = ownPlace()
  if (start === undefined || !/^\d+$/.test(pid) || host !== ownHost) return true
  if (boot !== ownBoot) return false
  if (space !== ownSpace) return true
  const stat = statOf(Number(pid))
  if (stat !== "-") return startOf(stat) === start
  // No such process, another kind of system, or one that hides the processes of others.
  try {
    process.kill(Number(pid), 0)
    return true
  } catch (error) {
    // EPERM: it runs, and belongs to someone else.
    return error instanceof Error && "code" in error && error.code === "EPERM"
  }
}

/** "-" for what is not told here. */
function ownPlace(): [host: string, boot: string, space: string] {
  return [
    hostname() || "-",
    textOr(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8")),
    textOr(() => readlinkSync("/proc/self/ns/pid")),
  ]
}

function statOf(pid: number): string {
  return textOr(() => readFileSync(`/proc/${pid}/stat`, "utf8"))
}

/** When a process began, in ticks of the machine's clock; a zombie holds nothing any more. */
function startOf(stat: string): string {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  return fields[0] === "Z" ? "-" : (fields[19] ?? "-")
}

function textOr(read: () => string): string {
  try {
    return read().trim()
  } catch {
    // Not this kind of system, or no such process.
    return "-"
  }
}
