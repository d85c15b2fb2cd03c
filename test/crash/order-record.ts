/** The record of a name, which ends where the name does. */
export function orderRecord(name: string): string {
  return `record ${name};`.padEnd(80, ".")
}
