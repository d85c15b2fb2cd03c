import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { beforeAll } from "vitest"
import { bellmouth } from "./command-run.ts"

/** The folder of the logs of one test file, which goes with them. */
export class LogFolder {
  path = ""
  #logs = 0

  constructor() {
    beforeAll(async () => {
      this.path = await mkdtemp(join(tmpdir(), "bellmouth-cli-"))
      return () => rm(this.path, { recursive: true, force: true })
    })
  }

  /** Where no log is yet. */
  newLog(): string {
    this.#logs++
    return join(this.path, `log-${this.#logs}`)
  }

  async logOf(count: number): Promise<string> {
    const log = this.newLog()
    const lines = Array.from({ length: count }, (_, n) => `{"n":${n}}\n`)
    const { code, err } = await bellmouth(["append", log], lines.join(""))
    if (code !== 0) throw new Error(`Cannot make a log: ${err}`)
    return log
  }
}
