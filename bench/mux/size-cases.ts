import { bundleSize } from "../../scripts/size.ts"
import type { Row } from "../harness/row.ts"

const CODE = `
export { connect } from "@bellmouth/mux"
export { webSocketTransport } from "@bellmouth/mux/transports"`

const FLOOR_BYTES = 8000

/** A session with the WebSocket transport, minified and gzipped, without core. */
export async function* sizeCases(): AsyncGenerator<Row> {
  const { gzipped } = await bundleSize({ name: "mux", code: CODE, external: ["@bellmouth/core"] })
  console.log(`\na session with the WebSocket transport: ${gzipped} B gzipped`)
  const name = `session and WebSocket transport: gzipped, of ${FLOOR_BYTES} B`
  yield { name, value: gzipped / FLOOR_BYTES, unit: "of", floor: 1 }
}
