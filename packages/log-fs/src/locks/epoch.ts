import { join } from "node:path"
import type { FileLayer } from "../files/file-layer.ts"
import { isCode } from "../files/node-file-layer.ts"

const NAME = /^lock\.(\d{1,15})$/

/**
 * Takes an epoch that nobody has, `least` or above: by a file of its name, which only one can make. It stays until
 * the tail file tells of that epoch, or of a later one. So who has found the file gone finds that in the tail file.
 */
export async function takeEpoch(
  layer: FileLayer,
  directory: string,
  least: number,
): Promise<number> {
  for (let epoch = least; ; epoch++) {
    try {
      await (await layer.open(epochPath(directory, epoch), "create")).close()
      return epoch
    } catch (error) {
      // That of a writer which has just begun, or was stopped, or has died when it had.
      if (!isCode(error, "EEXIST")) throw error
    }
  }
}

/** The epoch is told elsewhere, or nobody has it any more. */
export async function leaveEpoch(
  layer: FileLayer,
  directory: string,
  epoch: number,
): Promise<void> {
  await layer.remove(epochPath(directory, epoch))
}

/** The epoch that a file of this name stands for. */
export function epochOf(name: string): number | undefined {
  const digits = NAME.exec(name)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

function epochPath(directory: string, epoch: number): string {
  return join(directory, `lock.${epoch}`)
}
