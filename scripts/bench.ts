import { spawnSync } from "node:child_process"
import { basename, join } from "node:path"
import { listFiles, ROOT } from "./source-tree.ts"

// `npm run bench -- streams` runs bench/streams.ts; what follows the name is passed on.
const [name, ...args] = process.argv.slice(2)
const names = listFiles(["bench/*.ts"]).map((file) => basename(file, ".ts"))
if (name === undefined || !names.includes(name)) {
  process.stderr.write(`Cannot run the benchmark ${name}: want one of ${names.join(", ")}\n`)
  process.exitCode = 2
} else {
  const file = join(ROOT, "bench", `${name}.ts`)
  const { status } = spawnSync(process.execPath, ["--expose-gc", file, ...args], {
    stdio: "inherit",
  })
  process.exitCode = status ?? 1
}
