/** A piece of TypeScript that documentation shows, and where its first line of code stands. */
export interface Example {
  readonly file: string
  readonly line: number
  readonly code: string
  /** Why it is not run; written after `ts ignore:` on the fence. */
  readonly ignored?: string
}

/** What was found in one file: the examples, and what is wrong with the way they are written. */
export interface ExampleScan {
  readonly examples: readonly Example[]
  readonly faults: readonly string[]
}
