import { type Profiler, Session } from "node:inspector"

/** Watches which blocks of this package's code run: what guides a fuzzer. */
export class Coverage {
  readonly #session = new Session()

  constructor() {
    this.#session.connect()
    this.#session.post("Profiler.enable")
    this.#session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true })
  }

  /** The blocks that ran since the last call. It takes milliseconds. */
  take(): Set<string> {
    const blocks = new Set<string>()
    this.#session.post("Profiler.takePreciseCoverage", (_error, { result }) => {
      for (const script of result) addBlocks(script, blocks)
    })
    return blocks
  }

  stop(): void {
    this.#session.post("Profiler.stopPreciseCoverage")
    this.#session.disconnect()
  }
}

function addBlocks({ url, functions }: Profiler.ScriptCoverage, blocks: Set<string>): void {
  if (!url.includes("/packages/framing/src/") || url.includes(".test.")) return
  for (const { ranges } of functions)
    for (const { startOffset, endOffset, count } of ranges)
      if (count > 0) blocks.add(`${url}:${startOffset}:${endOffset}`)
}
