/** What a runtime made of a module. */
export interface RuntimeResult {
  /** 0 when `main` was fulfilled. */
  readonly code: number
  /** What the module's `main` emitted, in order. */
  readonly values: readonly unknown[]
  /** All that was printed besides, for a reader. */
  readonly output: string
}

export interface RuntimeOptions {
  /** Passed to the module's `main`; must survive JSON. */
  readonly args?: readonly string[]
  /** The most milliseconds it may take. Default 5 minutes. */
  readonly timeoutMs?: number
}

/**
 * A place where JavaScript runs. It is given a folder with `module.mjs`, a bundle without imports
 * that exports `main(emit, args)`, and may put files of its own beside it.
 */
export interface Runtime {
  readonly name: string
  /** The conditions that it resolves packages by, besides those that all know. */
  readonly conditions?: readonly string[]
  version(): Promise<string>
  run(folder: string, options?: RuntimeOptions): Promise<RuntimeResult>
}

/** Marks the lines of a console that carry an emitted value. */
const MARK = "\u0001bellmouth "

/** The module that calls `main` of `module.mjs`, for a runtime that runs modules from files. */
export function entryModule(options: RuntimeOptions): string {
  return `import { main } from "./module.mjs"\n${callMain(options)}\n`
}

/** An expression that calls `main`, which is in scope, and prints what it emits. */
export function callMain({ args = [] }: RuntimeOptions): string {
  const print = `(value) => console.log(${JSON.stringify(MARK)} + JSON.stringify(value))`
  return `await main(${print}, ${JSON.stringify(args)})`
}

/** Tells emitted values from other lines. */
export function readOutput(code: number, output: string): RuntimeResult {
  const values: unknown[] = []
  const rest: string[] = []
  for (const line of output.split("\n")) {
    const at = line.indexOf(MARK)
    if (at === -1) rest.push(line)
    else values.push(JSON.parse(line.slice(at + MARK.length)))
  }
  return { code, values, output: rest.join("\n").trim() }
}
