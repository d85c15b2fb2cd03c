/** Says what is wrong with an argument. */
export function wrongArgument(name: string, want: string, value: unknown): string {
  return `Cannot use ${name}: it must be ${want}, not ${String(value)}`
}
