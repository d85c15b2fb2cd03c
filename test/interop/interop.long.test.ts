import { spawn } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import { connect } from "@bellmouth/mux"
import { childTransport } from "@bellmouth/node"
import { expect, test } from "vitest"
import { CHECKS, driveMethods } from "./checks.ts"
import { cutTransport } from "./cut-at-random.ts"
import { serveMethods } from "./methods.ts"
import { type Carrier, driveOf, drivePair, PEERS, type PeerName, start } from "./pair.ts"

const NAMES = CHECKS.map(([name]) => name)
const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

const peers = Object.keys(PEERS) as PeerName[]
const carriers: readonly Carrier[] = ["stdio", "TCP"]
const pairs = carriers.flatMap((over) =>
  peers.flatMap((server) => peers.map((driver) => [server, driver, over] as const)),
)

test("The protocol is a page of 200 lines, its peer 300 of Python and its standard library", async () => {
  for (const [file, most] of [
    ["../../rfcs/0005-mux.md", 200],
    ["peer.py", 300],
  ] as const) {
    const lines = readFileSync(pathOf(file), "utf8").trimEnd().split("\n")
    expect(lines.length, file).toBeLessThanOrEqual(most)
    expect(Math.max(...lines.map(({ length }) => length)), file).toBeLessThanOrEqual(300)
  }
  // Without what is installed beside it.
  const child = spawn("python3", ["-I", "-S", pathOf("peer.py")])
  const [errors, [code]] = await Promise.all([text(child.stderr), once(child, "exit")])
  expect([code, errors]).toEqual([0, ""])
})

test.each([0, 1, 2, 3])("Python serves us over pipes that cut at random, seed %i", async (seed) => {
  const child = start("python", "serve")
  const session = connect(cutTransport(childTransport(child), seed))
  expect(await driveMethods(session)).toEqual(NAMES)
  await session.close()
  child.kill()
})

test.each([0, 1, 2, 3])("We serve Python over pipes that cut at random, seed %i", async (seed) => {
  const child = start("python", "drive")
  const drive = driveOf(child)
  const session = connect(cutTransport(childTransport(child), seed))
  session.closed.catch(() => {}) // Python leaves without a farewell.
  serveMethods(session)
  expect(await drive).toMatchObject({ code: 0, held: NAMES })
})

test.each(pairs)("%s serves %s over %s that is cut at random", async (server, driver, over) => {
  for (const seed of [10, 20]) {
    expect(await drivePair(server, driver, over, seed)).toMatchObject({ code: 0, held: NAMES })
  }
})

test.each([
  ["bytes", "vectors.py", "../vectors/mux", /^\d{3} passed, 0 failed\n$/],
  // Those that it leaves out stand there, with the reason.
  [
    "conversations",
    "scripts.py",
    "../vectors/mux/scripts.json",
    /^3\d passed, 0 failed, 4 left out\n$/,
  ],
])("The Python peer passes the vectors of %s", async (_, program, vectors, wanted) => {
  const child = spawn("python3", [pathOf(program), pathOf(vectors)])
  const [output] = await Promise.all([text(child.stdout), once(child, "exit")])
  expect(output).toMatch(wanted)
})
