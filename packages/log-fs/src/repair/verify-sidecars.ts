import { join } from "node:path"
import { toOffset } from "@bellmouth/log"
import type { FileLayer } from "../files/file-layer.ts"
import { readFile } from "../files/read-file.ts"
import { FORGOTTEN, isForgotten } from "../segments/producer-state.ts"
import { decodeSeal } from "../segments/seal-file.ts"
import { segmentBases, stateName } from "../segments/segment-name.ts"
import type { LogDamage } from "./log-damage.ts"

const SEAL = "sealed"

/** What is wrong beside the segments, and keeps a log from being opened. */
export async function verifySidecars(
  layer: FileLayer,
  directory: string,
  seed: number,
  tail: number,
): Promise<LogDamage[]> {
  const damages: LogDamage[] = []
  const note = (name: string, offset: number, reason: string): void => {
    damages.push({ path: join(directory, name), position: 0, offset: toOffset(offset), reason })
  }
  const names = await layer.list(directory)
  const bases = segmentBases(names)
  const [first = 0] = bases
  if (await isForgotten(layer, directory, bases, seed)) note(stateName(first), first, FORGOTTEN)
  if (names.includes(SEAL)) {
    const end = decodeSeal(await readFile(layer, join(directory, SEAL)), seed)
    if (end === undefined) note(SEAL, tail, "it is no seal of this log")
  }
  return damages
}
