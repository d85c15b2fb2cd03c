import { chainCases } from "./chain.ts"
import { ndjsonDecodeCases } from "./ndjson-decode.ts"
import { ndjsonEncodeCases } from "./ndjson-encode.ts"
import { sseDecodeCases } from "./sse.ts"

/** Runs every case in the runtime that this module was bundled for. */
export async function main(emit: (value: unknown) => void): Promise<void> {
  for (const cases of [ndjsonDecodeCases, ndjsonEncodeCases, sseDecodeCases, chainCases])
    for await (const row of cases()) emit(row)
}
