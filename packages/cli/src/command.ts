/** What a command sees of the process around it. */
export interface CommandContext {
  stdin(): ReadableStream<Uint8Array>
  stdout(): WritableStream<Uint8Array>
  /** Writes one line for the user to read. */
  report(line: string): void
  /** Aborts when the user wants the command to end. */
  readonly signal: AbortSignal
}

/** One command of the command line. */
export interface Command {
  readonly summary: string
  readonly help: string
  /** Settles with the exit code. What it throws is described to the user and ends with 1. */
  run(args: readonly string[], context: CommandContext): Promise<number>
}

export const exitCodes = { ok: 0, failure: 1, usage: 2, interrupted: 130 } as const
