import { readFileSync } from "node:fs"

/** One system call of a traced process. */
export interface SystemCall {
  /** The thread that makes it. */
  readonly thread: string
  readonly name: string
  /** The arguments, as strace prints them, with the path of each file descriptor. */
  readonly args: string
  readonly result: string
  /** The places in the trace where it began and returned; a call that never did has no end. */
  readonly begin: number
  readonly end: number
  /** The file it acts on; of a rename the new name. */
  readonly path: string
  readonly isInjected: boolean
}

/** Reads what `strace -f -y` has written. */
export function readSystemCalls(file: string): SystemCall[] {
  const calls: SystemCall[] = []
  const open = new Map<string, { text: string; begin: number }>()
  for (const [place, line] of readFileSync(file, "latin1").split("\n").entries()) {
    const [, thread = "", rest = ""] = /^(\d+)\s+(.*)$/.exec(line) ?? []
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest)
    if (rest.endsWith("<unfinished ...>")) {
      open.set(thread, { text: rest.slice(0, -"<unfinished ...>".length), begin: place })
    } else if (resumed !== null) {
      const started = open.get(thread)
      open.delete(thread)
      if (started !== undefined)
        calls.push(...parse(thread, started.text + resumed[1], started.begin, place))
    } else {
      calls.push(...parse(thread, rest, place, place))
    }
  }
  for (const [thread, { text, begin }] of open) {
    calls.push(...parse(thread, `${text}) = ?`, begin, Number.POSITIVE_INFINITY))
  }
  return calls.sort((left, right) => left.begin - right.begin)
}

function parse(thread: string, text: string, begin: number, end: number): SystemCall[] {
  const [, name, args = "", result = ""] = /^(\w+)\((.*)\)\s+= (.*)$/.exec(text) ?? []
  if (name === undefined) return []
  const names = [...args.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((match) => match[1] ?? "")
  const isByName =
    /^(openat|open|rename|renameat|renameat2|link|linkat|unlink|unlinkat|mkdir)$/.test(name)
  const path = isByName ? names.at(-1) : /^\d+<([^>]*)>/.exec(args)?.[1]
  const isInjected = result.includes("(INJECTED)")
  return [{ thread, name, args, result, begin, end, path: path ?? "", isInjected }]
}

export const isWrite = ({ name }: SystemCall): boolean => /^p?writev?(64|2)?$/.test(name)
export const isSync = ({ name }: SystemCall): boolean => name === "fsync" || name === "fdatasync"
export const isRename = ({ name }: SystemCall): boolean => name.startsWith("rename")
export const hasFailed = ({ result }: SystemCall): boolean => result.startsWith("-1")
