import type { LogDamage, LostRange } from "@bellmouth/log-fs"

/** One line for each place that is damaged. */
export function describeDamages(damages: readonly (LogDamage & { end?: number })[]): string[] {
  return damages.map(({ path, position, end, offset, reason }) => {
    const bytes =
      end === undefined || end <= position ? `byte ${position}` : `bytes ${position} to ${end - 1}`
    return `Damaged: ${path}, ${bytes} (offset ${offset}): ${reason}`
  })
}

/** One line for each range of records that is not there. */
export function describeLost(lost: readonly LostRange[]): string[] {
  return lost.map(({ from, until }) => {
    const records = until - from === 1 ? `offset ${from}` : `offsets ${from} to ${until - 1}`
    return `Lost: ${records}; the log goes on at offset ${until}`
  })
}
