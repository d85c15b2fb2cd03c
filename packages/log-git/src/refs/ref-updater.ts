import { ended, type GitPlace, type GitProcess, hold, startGit } from "../git/git-command.ts"
import type { Oid } from "../objects/object-format.ts"

/** What a ref is to become, if it is what is expected. */
export interface RefChange {
  readonly ref: string
  readonly next: Oid
  /** The zero name for a ref that does not exist. */
  readonly previous: Oid
}

/** Git refused to begin a change of a ref; the ref is as it was. */
export class RefRefused extends Error {
  override readonly name = "RefRefused"
}

/** The process has gone without a word; what it had not been told to commit did not happen. */
class ProcessLost extends Error {
  override readonly name = "ProcessLost"
}

/**
 * Compares and swaps refs through one long-lived `git update-ref`, in two steps: `prepare` takes the
 * ref's lock, compares, and writes the new value beside the old; `commit` puts it in its place.
 */
export class RefUpdater {
  readonly #place: GitPlace
  #process: GitProcess | undefined
  #output = ""
  #answer: { readonly wanted: string; readonly result: PromiseWithResolvers<void> } | undefined

  constructor(place: GitPlace) {
    this.#place = place
  }

  /** @throws {RefRefused} when the ref is another than expected, or locked. */
  async prepare({ ref, next, previous }: RefChange): Promise<void> {
    const lines = `start\nupdate ${ref} ${next} ${previous}\nprepare\n`
    const answer = "start: ok\nprepare: ok\n"
    try {
      await this.#ask(lines, answer)
    } catch (error) {
      if (!(error instanceof ProcessLost)) throw error
      // It may have gone long ago, and this is the first to notice.
      await this.#ask(lines, answer)
    }
  }

  /** @throws {Error} when it is not known what has become of the ref. */
  async commit(): Promise<void> {
    await this.#ask("commit\n", "commit: ok\n")
  }

  /** Ends the process; what was prepared is undone. */
  async close(): Promise<void> {
    const child = this.#process?.child
    if (child === undefined) return
    const end = ended(child)
    hold(child, true)
    child.stdin.end()
    await end
  }

  async #ask(lines: string, wanted: string): Promise<void> {
    const { child } = this.#process ?? this.#start()
    const result = Promise.withResolvers<void>()
    this.#answer = { wanted, result }
    hold(child, true)
    child.stdin.write(lines)
    await result.promise
  }

  #start(): GitProcess {
    const started = startGit(this.#place, ["update-ref", "--stdin"])
    this.#process = started
    this.#output = ""
    started.child.stdout.setEncoding("latin1").on("data", (chunk: string) => {
      this.#output += chunk
      if (this.#output.length < (this.#answer?.wanted.length ?? 0)) return
      const isWanted = this.#output === this.#answer?.wanted
      this.#settle(isWanted ? undefined : new Error(`git update-ref says ${this.#output}`))
    })
    ended(started.child).then(
      ([code, signal]) => {
        const text = started.errorText()
        const reason = `git update-ref ended with ${signal ?? code}: ${text}`
        const isRefusal = signal === null && text !== ""
        this.#end(started, isRefusal ? new RefRefused(reason) : new ProcessLost(reason))
      },
      (error: unknown) => this.#end(started, error),
    )
    return started
  }

  #end(process: GitProcess, error: unknown): void {
    if (this.#process === process) this.#process = undefined
    this.#settle(error)
  }

  #settle(error: unknown): void {
    const answer = this.#answer
    this.#answer = undefined
    this.#output = ""
    if (this.#process !== undefined) hold(this.#process.child, false)
    if (error === undefined) answer?.result.resolve()
    else answer?.result.reject(error)
  }
}
