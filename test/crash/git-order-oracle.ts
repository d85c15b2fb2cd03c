import { basename, dirname } from "node:path"
import { hasFailed, isRename, isSync, isWrite, type SystemCall } from "./system-calls.ts"

/** What a trace has shown. */
export interface GitOrder {
  readonly violations: readonly string[]
  readonly acknowledged: number
  /** How many objects were named, and how often the ref was moved. */
  readonly objects: number
  readonly moves: number
}

const OBJECT = /\/objects\/[0-9a-f]{2}\/[0-9a-f]{38}$/

/**
 * Whether a log in git was on disk before it was acknowledged: each object synced before it gets its
 * name, its folder after that and before the ref moves, the ref's new value before it gets its place,
 * and its directory before the acknowledgement. A folder that is made counts as a name, too.
 */
export function judgeGitOrder(calls: readonly SystemCall[], ref: string): GitOrder {
  const violations: string[] = []
  let [acknowledged, objects, moves] = [0, 0, 0]
  /** Where in the trace the last sync of a path has ended. */
  const synced = new Map<string, number>()
  /** What has a name that is not on disk, by directory, and where in the trace it got it. */
  const named = new Map<string, { readonly what: string; readonly end: number }>()
  const isSyncedBefore = ({ begin }: SystemCall, path: string): boolean =>
    (synced.get(path) ?? Number.POSITIVE_INFINITY) < begin
  const refs = calls.find(({ path }) => path.startsWith("/") && path.endsWith(dirname(ref)))
  const done = calls.filter((call) => !hasFailed(call))
  for (const call of done.sort((left, right) => left.end - right.end)) {
    const { path, begin, end } = call
    if (isSync(call)) {
      synced.set(path, end)
      // One that had begun before may have missed the name.
      if (begin > (named.get(path)?.end ?? 0)) named.delete(path)
    } else if (call.name === "mkdir" && /\/objects\/[0-9a-f]{2}$/.test(path)) {
      named.set(dirname(path), { what: `folder ${path}`, end })
    } else if (isRename(call) && OBJECT.test(path)) {
      objects++
      const [, from = ""] = /"([^"]*)"/.exec(call.args) ?? []
      if (!isSyncedBefore(call, from))
        violations.push(`${basename(from)} was named, and not synced`)
      named.set(dirname(path), { what: `object ${path}`, end })
    } else if (isRename(call) && path.endsWith(ref)) {
      moves++
      const lock = [...synced.keys()].find((each) => each.endsWith(`${ref}.lock`)) ?? ""
      if (!isSyncedBefore(call, lock)) violations.push(`move ${moves}: the value was not synced`)
      for (const [directory, { what }] of named) {
        if (!directory.endsWith(dirname(ref)))
          violations.push(`move ${moves}: ${what} was not synced`)
      }
      named.clear()
      synced.clear()
      named.set(refs?.path ?? "", { what: `move ${moves}`, end })
    } else if (isWrite(call) && call.args.includes('"ack ')) {
      acknowledged++
      if (named.size > 0) violations.push(`ack ${acknowledged}: the ref's name was not synced`)
    }
  }
  return { violations, acknowledged, objects, moves }
}
