import { rmSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { runCommand } from "../scripts/command.ts"
import { bringDebian } from "../scripts/debian.ts"
import { ROOT } from "../scripts/source-tree.ts"

const hasApt = (await runCommand("apt-get", ["--version"])).code === 0

test.skipIf(!hasApt && process.env["CI"] === undefined)(
  "bringDebian unpacks a package that then runs, without touching the machine",
  async () => {
    rmSync(join(ROOT, ".cache/debian/hello"), { recursive: true, force: true })
    const { root, env } = await bringDebian(["hello"])
    expect(root).toBe(join(ROOT, ".cache/debian/hello"))
    expect(await runCommand("hello", ["--greeting=brought"], { env })).toMatchObject({
      code: 0,
      stdout: "brought\n",
    })
  },
)

test.skipIf(!hasApt && process.env["CI"] === undefined)(
  "bringDebian says what apt says of a package that is not there",
  async () => {
    await expect(bringDebian(["bellmouth-no-such-package"])).rejects.toThrow(
      /Unable to locate package bellmouth-no-such-package/,
    )
  },
)
