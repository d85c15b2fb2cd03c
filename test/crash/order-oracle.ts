import { dirname } from "node:path"
import { hasFailed, isRename, isSync, isWrite, type SystemCall } from "./system-calls.ts"

/** What a trace says of the order of acknowledgements, writes and syncs. */
export interface OrderFindings {
  readonly acknowledged: number
  readonly violations: readonly string[]
}

/**
 * Judges the system calls of a writer: what has to be on disk before what. It knows the names of
 * the files and the text of the records, and nothing of the code.
 */
export function judgeOrder(calls: readonly SystemCall[], directory: string): OrderFindings {
  // That of the log, and that of its fork, which has the same name and more.
  const inside = calls.filter(({ path }) => path.startsWith(directory))
  const done = inside.filter((call) => !hasFailed(call) && call.end !== Number.POSITIVE_INFINITY)
  const acks = calls.flatMap((call) => {
    const name = /^1<.*"ack \d+ ([\d/a-z]+)\\n"/.exec(call.args)?.[1]
    return name === undefined || !isWrite(call) ? [] : [{ name, begin: call.begin }]
  })
  const violations = [
    ...acks.flatMap(({ name, begin }) => judgeAck(done, name, begin)),
    ...done.filter(isTailWrite).flatMap((call) => judgePublishing(done, call)),
    ...done.filter(isRename).flatMap((call) => judgeRename(done, call, acks)),
    ...done.filter(({ name }) => name.startsWith("link")).flatMap((call) => judgeLink(done, call)),
    ...judgeDirectories(calls, done, directory, acks),
    ...judgeFailures(inside, acks),
  ]
  return { acknowledged: acks.length, violations }
}

interface Ack {
  readonly name: string
  readonly begin: number
}

const isSegment = ({ path }: SystemCall): boolean => path.endsWith(".log")
const isTailWrite = (call: SystemCall): boolean => isWrite(call) && call.path.endsWith("/tail")

/** Whether a file was synced between two places in the trace. */
function isSynced(done: readonly SystemCall[], path: string, after: number, before: number) {
  return done.some(
    (call) => isSync(call) && call.path === path && call.begin > after && call.end < before,
  )
}

function judgeAck(done: readonly SystemCall[], name: string, begin: number): string[] {
  const write = done.findLast(
    (call) =>
      isWrite(call) && isSegment(call) && call.end < begin && call.args.includes(`record ${name};`),
  )
  if (write === undefined) return [`${name} was acknowledged before it was written`]
  if (!isSynced(done, write.path, write.end, begin)) {
    return [`${name} was acknowledged before its fdatasync`]
  }
  const isPublished = done.some(
    (call) => isTailWrite(call) && call.begin > write.end && call.end < begin,
  )
  return isPublished ? [] : [`${name} was acknowledged before it was published`]
}

function judgePublishing(done: readonly SystemCall[], publishing: SystemCall): string[] {
  const write = done.findLast(
    (call) => isWrite(call) && isSegment(call) && call.end < publishing.begin,
  )
  if (write === undefined || isSynced(done, write.path, write.end, publishing.begin)) return []
  return [`the tail at ${publishing.begin} was published before its fdatasync`]
}

function judgeRename(
  done: readonly SystemCall[],
  rename: SystemCall,
  acks: readonly Ack[],
): string[] {
  const violations: string[] = []
  const { path, begin, end } = rename
  const isDraft = (from: string): boolean => from.startsWith(`${path}.`) && from.endsWith(".tmp")
  const write = done.findLast((call) => isWrite(call) && isDraft(call.path) && call.end < begin)
  if (write === undefined || !isSynced(done, write.path, write.end, begin)) {
    violations.push(`${path} got its name before its fdatasync`)
  }
  const isUse = (call: SystemCall): boolean =>
    (isWrite(call) || isSync(call)) && call.path === path && call.begin > end
  const use = Math.min(
    done.find(isUse)?.begin ?? Number.POSITIVE_INFINITY,
    acks.find((ack) => ack.begin > end)?.begin ?? Number.POSITIVE_INFINITY,
  )
  if (use !== Number.POSITIVE_INFINITY && !isSynced(done, dirname(path), end, use)) {
    violations.push(`${path} was used before the fsync of its directory`)
  }
  if (!path.endsWith("/tail")) return violations
  for (const open of done) {
    const isOpenFor = open.name === "openat" && isSegment(open) && open.args.includes("O_RDWR")
    if (!isOpenFor || open.end > begin) continue
    if (!isSynced(done, open.path, open.end, begin)) {
      violations.push(`${open.path} was published before this process had synced it`)
    }
  }
  return violations
}

function judgeLink(done: readonly SystemCall[], { args, path, begin, end }: SystemCall): string[] {
  const from = /"([^"]*)"/.exec(args)?.[1] ?? ""
  const write = done.findLast((call) => isWrite(call) && call.path === from && call.end < begin)
  const violations: string[] = []
  if (write === undefined || !isSynced(done, from, write.end, begin)) {
    violations.push(`${path} got its name before its fsync`)
  }
  // The name of a lock only has to hold as long as its process does.
  const use = done.find((call) => isWrite(call) && call.path === path && call.begin > end)
  if (path.endsWith(".log") && use && !isSynced(done, dirname(path), end, use.begin)) {
    violations.push(`${path} was used before the fsync of its directory`)
  }
  return violations
}

/** The names of the directories that were made, up to the first that was there. */
function judgeDirectories(
  calls: readonly SystemCall[],
  done: readonly SystemCall[],
  directory: string,
  acks: readonly Ack[],
): string[] {
  const first = acks[0]
  if (first === undefined) return []
  const made = calls.filter(
    (call) =>
      call.name === "mkdir" && !hasFailed(call) && `${directory}/`.startsWith(`${call.path}/`),
  )
  const all = [...calls.filter(({ name }) => name === "fsync"), ...done]
  return made
    .filter(({ path, end }) => !isSynced(all, dirname(path), end, first.begin))
    .map(({ path }) => `${path} was made, and its name not synced before the first acknowledgement`)
}

/** After a failed write or sync of a file, nothing goes to the log any more. */
export function judgeFailures(inside: readonly SystemCall[], acks: readonly Ack[]): string[] {
  const ofLog = inside.filter(
    (call) => (isWrite(call) || isSync(call)) && (isSegment(call) || call.path.endsWith("/tail")),
  )
  // The runtime itself repeats what a signal has interrupted; that is no failure of the disk.
  const failed = ofLog.find((call) => hasFailed(call) && !call.result.includes("EINTR"))
  if (failed === undefined) return []
  const what = `after the failed ${failed.name} of ${failed.path}`
  const later = ofLog.filter((call) => call.begin > failed.end)
  const ack = acks.find(({ begin }) => begin > failed.end)
  return [
    ...later.map(({ name, path }) => `${name} of ${path} ${what}`),
    ...(ack === undefined ? [] : [`${ack.name} was acknowledged ${what}`]),
  ]
}
