import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import process from "node:process"
import { expect, onTestFinished, test } from "vitest"
import { ownIdentity as fsIdentity } from "../../packages/log-fs/src/locks/process-identity.ts"
import { ownIdentity as gitIdentity } from "../../packages/log-git/src/refs/process-identity.ts"
import { needsMounts } from "./needs.ts"

const source = (name: string): string =>
  JSON.stringify(new URL(`../../packages/${name}`, import.meta.url).href)

/** Of util-linux, which every Debian has. */
const [unshare, setpriv] = ["unshare", "setpriv"]

/** What one who may not look at the processes of others takes a writer for, and whether it can see it. */
function judged(pid: number, started: string): unknown {
  const fs = { ...fsIdentity(), pid, started }
  const git = [...gitIdentity().split(" ").slice(0, 3), pid, started].join(" ")
  const script = `
    import { existsSync } from "node:fs"
    import { liveness } from ${source("log-fs/src/locks/process-identity.ts")}
    import { mayRun } from ${source("log-git/src/refs/process-identity.ts")}
    const isSeen = existsSync("/proc/${pid}/stat")
    console.log(JSON.stringify([isSeen, liveness(${JSON.stringify(fs)}), mayRun(${JSON.stringify(git)})]))
  `
  const weak = `${setpriv} --regid=65534 --clear-groups --bounding-set=-sys_ptrace`
  const command = `mount -t proc -o hidepid=2 proc /proc && exec ${weak} "$@"`
  const node = [process.execPath, "--input-type=module", "--eval", script]
  const { stdout, stderr } = spawnSync(
    unshare,
    ["--mount", "--propagation", "private", "sh", "-c", command, "sh", ...node],
    { encoding: "utf8" },
  )
  return stdout === "" ? stderr : JSON.parse(stdout)
}

test.skipIf(!needsMounts)("a writer that the system hides is not taken for dead", async () => {
  const other = ["--reuid=65534", "--regid=65534", "--clear-groups", "sleep", "60"]
  const writer = spawn(setpriv, other, { stdio: "ignore" })
  onTestFinished(() => void writer.kill("SIGKILL"))
  await once(writer, "spawn")
  const pid = writer.pid ?? 0
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
  const started = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? ""
  await expect.poll(() => judged(pid, started)).toEqual([false, "unknown", true])
  writer.kill("SIGKILL")
  await once(writer, "exit")
  expect(judged(pid, started)).toEqual([false, "dead", false])
})
