import { memoryCases } from "./memory.ts"

/** Runs the memory cases where there is a collector to call. */
export async function main(emit: (value: unknown) => void): Promise<void> {
  for await (const row of memoryCases()) emit(row)
}
