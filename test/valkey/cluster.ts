import { once } from "node:events"
import { type Server, startServer } from "./server.ts"

const PRIMARIES = 3
const SLOTS = 16_384

/** Three primaries with a replica each, on loopback. */
export interface Cluster extends AsyncDisposable {
  /** The primaries first, each replica three after its primary. */
  readonly servers: readonly Server[]
  /** The server that takes writes for a slot now. */
  ownerOf(slot: number): Promise<Server>
  /** Gives a slot, with its keys, to another primary, while clients use it. */
  move(slot: number, to: Server): Promise<void>
  stop(): Promise<void>
}

/** Starts a cluster that notices a dead primary within a second. */
export async function startCluster(
  settings: Readonly<Record<string, string>> = {},
): Promise<Cluster> {
  const all = {
    "cluster-enabled": "yes",
    "cluster-node-timeout": "1000",
    "cluster-replica-validity-factor": "0",
    "repl-diskless-sync-delay": "0",
    appendonly: "yes",
    ...settings,
  }
  const starting = Array.from({ length: 2 * PRIMARIES }, () => startServer({ settings: all }))
  const settled = await Promise.allSettled(starting)
  const servers = settled.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []))
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()))
  }
  try {
    const failed = settled.find((each) => each.status === "rejected")
    if (failed !== undefined) throw failed.reason
    await join(servers)
  } catch (error) {
    await stop()
    throw error
  }
  const ownerOf = async (slot: number): Promise<Server> => {
    const port = (await slots(servers)).find(([from, to]) => from <= slot && slot <= to)?.[2][1]
    const owner = servers.find((server) => server.port === port)
    if (owner === undefined) throw new Error(`Cannot find the owner of slot ${slot}`)
    return owner
  }
  return {
    servers,
    ownerOf,
    move: async (slot, to) => move(slot, await ownerOf(slot), to),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

type SlotRange = readonly [from: number, to: number, primary: readonly [host: string, port: number]]

/** The slots, as the first server that answers says. */
async function slots(servers: readonly Server[]): Promise<readonly SlotRange[]> {
  const asked = servers.map(
    async ({ admin }) => (await admin.call("CLUSTER", "SLOTS")) as SlotRange[],
  )
  return Promise.any(asked)
}

async function join(servers: readonly Server[]): Promise<void> {
  const [first] = servers
  if (first === undefined) throw new Error("Cannot join no servers")
  for (const [index, { admin }] of servers.slice(0, PRIMARIES).entries()) {
    const from = Math.floor((SLOTS * index) / PRIMARIES)
    const to = Math.floor((SLOTS * (index + 1)) / PRIMARIES) - 1
    await admin.call("CLUSTER", "ADDSLOTSRANGE", from, to)
    await admin.call("CLUSTER", "SET-CONFIG-EPOCH", index + 1)
  }
  for (const { admin } of servers.slice(1)) await admin.cluster("MEET", first.host, first.port)
  await until(async () => (await counted(servers, "cluster_known_nodes")) === servers.length)
  for (const [index, { admin }] of servers.slice(PRIMARIES).entries()) {
    const primary = await servers[index]?.admin.cluster("MYID")
    await admin.call("CLUSTER", "REPLICATE", String(primary))
  }
  await until(async () => {
    const infos = await Promise.all(servers.map(({ admin }) => admin.info("replication")))
    return infos.slice(PRIMARIES).every((info) => info.includes("master_link_status:up"))
  })
  await until(async () => {
    const infos = await Promise.all(servers.map(({ admin }) => admin.cluster("INFO")))
    return infos.every((info) => String(info).includes("cluster_state:ok"))
  })
}

/** What the server that knows the fewest says of a number of `CLUSTER INFO`. */
async function counted(servers: readonly Server[], field: string): Promise<number> {
  const infos = await Promise.all(servers.map(({ admin }) => admin.cluster("INFO")))
  return Math.min(
    ...infos.map((info) => Number(String(info).split(`${field}:`)[1]?.split("\r")[0])),
  )
}

async function move(slot: number, from: Server, to: Server): Promise<void> {
  const [fromId, toId] = [await from.admin.cluster("MYID"), await to.admin.cluster("MYID")]
  await to.admin.cluster("SETSLOT", slot, "IMPORTING", String(fromId))
  await from.admin.cluster("SETSLOT", slot, "MIGRATING", String(toId))
  for (;;) {
    const keys = (await from.admin.call("CLUSTER", "GETKEYSINSLOT", slot, 10)) as string[]
    if (keys.length === 0) break
    await from.admin.call("MIGRATE", to.host, to.port, "", 0, 5_000, "REPLACE", "KEYS", ...keys)
  }
  // The others hear of it by themselves.
  for (const { admin } of [to, from]) await admin.cluster("SETSLOT", slot, "NODE", String(toId))
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const limit = AbortSignal.timeout(20_000)
  while (!(await holds())) {
    if (limit.aborted) throw new Error("Cannot form a cluster: it took more than 20 s")
    await once(AbortSignal.timeout(50), "abort")
  }
}
