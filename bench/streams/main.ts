import { streamCases } from "./cases.ts"

/** Runs every case in the runtime that this module was bundled for. */
export async function main(emit: (value: unknown) => void): Promise<void> {
  for await (const row of streamCases()) emit(row)
}
