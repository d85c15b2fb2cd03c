const DIGITS = 20
const SEGMENT = /^(\d{20})\.log$/

/** The name of the segment whose first record has the offset `base`. */
export function segmentName(base: number): string {
  return `${digits(base)}.log`
}

/** The name of the sparse index beside a sealed segment. */
export function indexName(base: number): string {
  return `${digits(base)}.index`
}

/** The name of what was known of the producers before a segment's first record. */
export function stateName(base: number): string {
  return `${digits(base)}.state`
}

/** The name under which what was cut off a segment at `position` is kept. */
export function tornName(base: number, position: number): string {
  return `${digits(base)}.torn-${position}`
}

/** The bases of the segments among some names, in order. */
export function segmentBases(names: readonly string[]): number[] {
  const bases: number[] = []
  for (const name of names) {
    const base = Number(SEGMENT.exec(name)?.[1] ?? Number.NaN)
    if (Number.isSafeInteger(base)) bases.push(base)
  }
  return bases.sort((left, right) => left - right)
}

/** Whether a log makes files of this name. */
export function isLogFile(name: string): boolean {
  return /^(tail|sealed|forking|lock(\..*)?|\d{20}\.(log(\..+)?|index|state(\.broken(-\d+)?)?|broken(-\d+)?|torn-\d+(-\d+)?)|(tail|sealed)\.broken(-\d+)?|repair\.json(-\d+)?)((\.\d+)?\.tmp)?$/.test(
    name,
  )
}

function digits(base: number): string {
  return String(base).padStart(DIGITS, "0")
}
