/** Throws unless a limit in bytes lets something through. */
export function checkBytes(name: string, bytes: number): void {
  if (bytes >= 1) return
  throw new RangeError(`Cannot use ${name} ${bytes}: want 1 byte or more`)
}
