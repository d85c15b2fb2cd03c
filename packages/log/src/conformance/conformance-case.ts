import type { Log, LogSupports } from "../log.ts"

/** What a backend gives the suite. */
export interface ConformanceSubject {
  /** What the backend says that it can; the suite checks that the log says the same. */
  readonly supports: LogSupports
  /** Makes a new, empty log at a place of its own. */
  readonly create: () => Promise<ConformanceLog>
}

/** One log under test. */
export interface ConformanceLog {
  readonly log: Log
  /** Opens the same log again after `log` was closed; needed when `supports.reopen`. */
  readonly reopen?: () => Promise<Log>
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
  readonly needs?: keyof LogSupports
  readonly test: (context: ClaimContext) => Promise<void>
}

export interface ClaimContext {
  readonly log: Log
  readonly supports: LogSupports
  /** Closes the log and opens it again. */
  reopen(): Promise<Log>
  /** A second, empty log of the same backend. */
  another(): Promise<Log>
}
