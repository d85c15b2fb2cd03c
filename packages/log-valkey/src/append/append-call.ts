import type { Offset } from "@bellmouth/log"
import { toText } from "../client/reply.ts"
import { toScript } from "../client/script.ts"
import type { ValkeyArgument } from "../client/valkey-client.ts"
import type { Command, Outcome } from "../client/wire.ts"
import { FRAMING_FIELDS } from "../entries/entry-page.ts"
import { type PackedEntry, type PackRun, packEntries } from "../entries/pack-entries.ts"
import type { LogPlace } from "../log-place.ts"
import type { Way } from "../nodes/node-link.ts"
import { APPEND_SCRIPT } from "./append-script.ts"
import { isRefusal } from "./refusal.ts"

/** How many seconds a writer is remembered after its last commit, and after the time that it tries again. */
const KEEP_WRITER_S = 3_600

/** What a writer asks to be stored. */
export interface AppendCall {
  readonly id: string
  /** The key of the writer, and the number of its commit. */
  readonly writer: string
  readonly number: number
  readonly expectedTail: Offset | undefined
  /** The tail that the writer knows of. */
  readonly acknowledged: number
  readonly runs: readonly PackRun[]
}

/** Has the script store a commit, as often as it takes. Gives what the script says. */
export function runAppend(
  place: LogPlace,
  call: AppendCall,
  way: Way,
): Promise<readonly unknown[]> {
  const args = toArguments(place, call, packEntries(call.runs), undefined)
  return place.run(APPEND_SCRIPT, toKeys(place, call), args, way)
}

/**
 * Tries once to store a commit at the tail that is known, in a transaction: the script checks, and writes all but
 * the records, which commands of their own add. Bytes that pass through a script are copied twice more.
 *
 * @returns what the script says; `unknown` when nobody says what became of the commit; `refused` when the server does
 *   not take such transactions. Then, too, it may be there: something between may refuse `MULTI` alone.
 */
export async function appendDirectly(
  place: LogPlace,
  call: AppendCall,
  way: Way,
): Promise<readonly unknown[] | "unknown" | "refused"> {
  const { records, aside } = place.keys
  const entries = packEntries(call.runs)
  const args = toArguments(place, call, entries, call.acknowledged)
  const adds: Command[] = []
  let end = call.acknowledged
  for (const { framing, count, bytes, note } of entries) {
    end += count
    const fields = [FRAMING_FIELDS[framing], bytes, ...(note === "" ? [] : ["p", note])]
    adds.push(["XADD", aside, "NOMKSTREAM", `${end}-${count}`, ...fields])
  }
  const { digest } = await toScript(APPEND_SCRIPT)
  const keys = [...toKeys(place, call), aside]
  const commands: Command[] = [
    ["MULTI"],
    ["EVALSHA", digest, String(keys.length), ...keys, ...args],
    ...adds,
    ["RENAME", aside, records],
    ["EXEC"],
  ]
  const outcomes = await place.router.attempt(records, commands, way)
  const [said, ...rest] = toReplies(outcomes)
  if (!Array.isArray(said)) return isRefusal(said) ? "refused" : "unknown"
  const outcome = toText(said[0])
  if (outcome === "refused") return outcome
  const isStored = outcome === "stored"
  if (isStored && !rest.every((reply) => reply !== null && !(reply instanceof Error))) {
    throw new Error("the server has stored a part of what it was given")
  }
  return said
}

/** What the commands of a transaction have given; when it failed, only the first error, which those after it follow from. */
function toReplies(outcomes: readonly Outcome[]): readonly unknown[] {
  for (const outcome of outcomes) if ("error" in outcome) return [outcome.error]
  const executed = outcomes.at(-1)
  const isList = executed !== undefined && "reply" in executed && Array.isArray(executed.reply)
  return isList ? executed.reply : []
}

function toKeys({ keys }: LogPlace, { writer }: AppendCall): string[] {
  return [keys.records, keys.head, writer, keys.producers, keys.batches]
}

/** The arguments of the script. With the tail that a transaction is for, they only say how many bytes there are. */
function toArguments(
  { timeoutMs }: LogPlace,
  call: AppendCall,
  entries: readonly PackedEntry[],
  tail: number | undefined,
): ValkeyArgument[] {
  const { id, number, expectedTail, acknowledged, runs } = call
  const expected = expectedTail === undefined ? "" : String(expectedTail)
  const keep = String(KEEP_WRITER_S + Math.ceil(timeoutMs / 1_000))
  const at = tail === undefined ? "" : String(tail)
  const args: ValkeyArgument[] = [id, String(number), expected, String(acknowledged), keep, at]
  addProducers(args, runs)
  args.push(String(entries.length))
  for (const { framing, count, bytes, note } of entries) {
    const content = tail === undefined ? bytes : String(bytes.length)
    args.push(FRAMING_FIELDS[framing], String(count), content, note)
  }
  return args
}

/** The runs of producers: id, epoch, sequence, batches, records in each, records before. */
function addProducers(args: ValkeyArgument[], runs: readonly PackRun[]): void {
  const sent = runs.filter(({ producer }) => producer !== undefined).length
  args.push(String(sent))
  let before = 0
  for (const { producer, batches, count } of runs) {
    if (producer !== undefined) {
      const { id, epoch, sequence } = producer
      args.push(id, ...[epoch, sequence, batches, count, before].map(String))
    }
    before += batches * count
  }
}
