import process from "node:process"

/** What this process has worked, in ms: other programs on the machine do not count. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
