import type { Log, LogSupports } from "../log.ts"
import type { Offset } from "../offset.ts"

/** What a backend gives the suite. */
export interface ConformanceSubject {
  /** What the backend says that it can; the suite checks that the log says the same. */
  readonly supports: LogSupports
  /** Makes a new, empty log at a place of its own. */
  readonly create: () => Promise<ConformanceLog>
  /**
   * Opens a log that `create` has made once more, while it is open: for writing when
   * `supports.manyWriters`, else for reading, as another process would. When it is missing, what others
   * see is not put to the backend.
   */
  readonly beside?: (log: Log) => Promise<Log>
}

/** One log under test. */
export interface ConformanceLog {
  readonly log: Log
  /** Opens the same log again after `log` was closed; needed when `supports.reopen`. */
  readonly reopen?: () => Promise<Log>
  /** Forks `log` to a place of its own. Default: to one whose name is an UUID. */
  readonly fork?: (at: Offset) => Promise<ConformanceLog>
  /** Removes what the log has left, after it was closed. */
  readonly dispose?: () => Promise<void>
}

/** One claim about a log, ready to hand to a test framework. */
export interface ConformanceCase {
  /** The claim. */
  readonly name: string
  /** Why the claim is not put to this backend, if so. */
  readonly skip?: string
  /** Rejects when the claim does not hold. */
  readonly run: () => Promise<void>
}

/** A claim before it knows its subject. */
export interface Claim {
  readonly name: string
  readonly needs?: keyof LogSupports | readonly (keyof LogSupports)[]
  /** Whether the log has to be opened twice at the same time. */
  readonly needsBeside?: true
  readonly test: (context: ClaimContext) => Promise<void>
}

export interface ClaimContext {
  readonly log: Log
  readonly supports: LogSupports
  /** Closes every log that is open, and opens `log`, or a fork of it, again. */
  reopen(log?: Log): Promise<Log>
  /** A fork of `log`, or of a fork of it. */
  fork(at: number, log?: Log): Promise<Log>
  /** Closes a log, and removes what it has left. */
  remove(log: Log): Promise<void>
  /** The log opened once more, while it is open. */
  beside(): Promise<Log>
  /** A second, empty log of the same backend. */
  another(): Promise<Log>
}
