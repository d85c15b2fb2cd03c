import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { onTestFinished } from "vitest"

const bin = fileURLToPath(new URL("../bin/bellmouth.js", import.meta.url))

/** How a run ended. */
export interface Finished {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** One run of the real command. */
export class Run {
  readonly child: ChildProcess
  readonly finished: Promise<Finished>
  #out = ""
  #err = ""

  constructor(args: readonly string[], shell?: string) {
    // The limits of a shell are set by the shell, which then becomes the command.
    const [file, ...rest] = shell
      ? ["sh", "-c", `${shell}; exec "$0" "$@"`, process.execPath, bin, ...args]
      : [process.execPath, bin, ...args]
    this.child = spawn(file ?? "", rest, { stdio: "pipe" })
    this.child.stdout?.setEncoding("utf8").on("data", (text) => (this.#out += text))
    this.child.stderr?.setEncoding("utf8").on("data", (text) => (this.#err += text))
    // A command that stops reading early is what some tests are about.
    this.child.stdin?.on("error", () => {})
    this.finished = once(this.child, "close").then(([code]) => ({
      code,
      out: this.#out,
      err: this.#err,
    }))
    onTestFinished(() => void this.child.kill("SIGKILL"))
  }

  get out(): string {
    return this.#out
  }

  get err(): string {
    return this.#err
  }

  /** Settles when standard output or error holds `text`. */
  async says(text: string): Promise<void> {
    const { stdout, stderr } = this.child
    if (stdout === null || stderr === null) throw new Error("It has no output")
    while (!`${this.#out}${this.#err}`.includes(text)) {
      const ended = await Promise.race([once(stdout, "data"), once(stderr, "data"), this.finished])
      if ("code" in ended) throw new Error(`It ended without ${text}: ${this.#out}${this.#err}`)
    }
  }
}

/** Runs the command to its end. */
export function bellmouth(
  args: readonly string[],
  input: string | Uint8Array = "",
): Promise<Finished> {
  const run = new Run(args)
  run.child.stdin?.end(input)
  return run.finished
}
