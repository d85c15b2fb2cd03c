import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Redis } from "iovalkey"
import { type DebianProgram, debianProgram, findProgram } from "../../scripts/debian.ts"

/** Which server: Valkey 8 or Redis 7.0, both from Debian. */
export type Kind = "valkey" | "redis"

/** What `startServer` takes. */
export interface ServerOptions {
  readonly kind?: Kind
  /** Settings of the server, as on its command line, without the dashes. */
  readonly settings?: Readonly<Record<string, string>>
}

/** A private server in a temporary folder, that dies with this process. */
export interface Server extends AsyncDisposable {
  readonly host: string
  readonly port: number
  /** Where its files are. */
  readonly folder: string
  /** A connection to look behind the scenes; closed with the server. */
  readonly admin: Redis
  /** Ends it by SIGKILL. */
  kill(): Promise<void>
  /** Starts it again, on the same port and folder. */
  start(): Promise<void>
  /** Stops it for good, and removes its folder. */
  stop(): Promise<void>
}

const PACKAGES = { valkey: "valkey-server/backports", redis: "redis-server" } as const
const HOST = "127.0.0.1"
const READY_MS = 60_000

/** Whether the servers' programs can be had; in continuous integration what is missing is a failure. */
export async function hasServer(kind: Kind = "valkey"): Promise<boolean> {
  try {
    await debianProgram(`${kind}-server`, PACKAGES[kind])
    return true
  } catch (error) {
    if (process.env["CI"] !== undefined) throw error
    return false
  }
}

export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const { kind = "valkey", settings = {} } = options
  const program = await debianProgram(`${kind}-server`, PACKAGES[kind])
  const folder = mkdtempSync(join(tmpdir(), "bellmouth-valkey-"))
  const port = await freePort()
  const admin = new Redis({
    host: HOST,
    port,
    lazyConnect: true,
    // Its own check waits a second for a server that loads its file.
    enableReadyCheck: false,
    maxRetriesPerRequest: 200,
    retryStrategy: () => 25,
  })
  // A command that fails says so itself.
  admin.on("error", () => {})
  const all: Record<string, string> = {
    port: String(port),
    bind: HOST,
    dir: folder,
    save: "",
    "aof-load-truncated": "no",
    ...settings,
  }
  let child: ChildProcess | undefined

  const start = async (): Promise<void> => {
    const isMended = all["appendonly"] === "yes" && all["aof-load-truncated"] === "no"
    if (child !== undefined && isMended) {
      mendFile(`${kind}-check-aof`, program, join(folder, "appendonlydir/appendonly.aof.manifest"))
    }
    child = launch(program.path, program.env, all)
    let output = ""
    child.stdout?.on("data", (text: Buffer) => {
      output = (output + String(text)).slice(-4_000)
    })
    const died = once(child, "exit").then(() => {
      throw new Error(`Cannot start ${kind}-server on port ${port}: it says\n${output}`)
    })
    died.catch(() => {})
    await Promise.race([ready(admin), died])
  }
  const kill = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, "exit")
    child.kill("SIGKILL")
    await exit
  }
  const stop = async (): Promise<void> => {
    admin.disconnect()
    await kill()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await start()
  } catch (error) {
    await stop()
    throw error
  }
  return { host: HOST, port, folder, admin, kill, start, stop, [Symbol.asyncDispose]: stop }
}

/**
 * Cuts a transaction that a server was killed in off the end of its file. A server that is left to cut
 * (`aof-load-truncated`) leaves the begin of it, which then is done with the next transaction.
 */
function mendFile(name: string, { path, env }: DebianProgram, manifest: string): void {
  const { status, stdout } = spawnSync(path, ["--fix", manifest], {
    argv0: name,
    env: { ...process.env, ...env },
    input: "y\n",
    encoding: "utf8",
  })
  if (status !== 0) throw new Error(`${name} can not mend ${manifest}: it says\n${stdout}`)
}

function launch(
  path: string,
  env: Readonly<Record<string, string>>,
  settings: Readonly<Record<string, string>>,
): ChildProcess {
  const args = Object.entries(settings).flatMap(([key, value]) => [`--${key}`, value])
  const stdio = ["ignore", "pipe", "ignore"] as const
  const all = { ...process.env, ...env }
  // A test that is killed takes its servers along.
  const guard = findProgram("setpriv")
  return guard === undefined
    ? spawn(path, args, { env: all, stdio: [...stdio] })
    : spawn(guard, ["--pdeathsig", "KILL", path, ...args], { env: all, stdio: [...stdio] })
}

/** A server that has ended tells so itself; one that lives may take long to begin on a busy machine. */
async function ready(admin: Redis): Promise<void> {
  for (const end = performance.now() + READY_MS; ; ) {
    try {
      await admin.ping()
      return
    } catch (error) {
      if (performance.now() > end) throw error
    }
  }
}

/** A port that is free now, below those that the cluster's own traffic takes. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    if ((await isFree(port)) && (await isFree(port + 10_000))) return port
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once("error", () => resolve(false))
    server.listen(port, HOST, () => server.close(() => resolve(true)))
  })
}
