import { installProject } from "../../scripts/install-project.ts"
import { bundleSize } from "../../scripts/size.ts"
import type { Row } from "../harness/row.ts"

const CODE = `
export { connect } from "@bellmouth/mux"
export { webSocketTransport } from "@bellmouth/mux/transports"`

const FLOOR_BYTES = 8000

/** What comes closest, each with all that it needs in a browser; only the first has a transport. */
const PEERS: Readonly<Record<string, string>> = {
  capnweb: `export { newWebSocketRpcSession } from "./bench/peers/node_modules/capnweb"`,
  "@chainsafe/libp2p-yamux": `export { yamux } from "./bench/peers/node_modules/@chainsafe/libp2p-yamux/dist/src/index.js"`,
  protomux: `export { default } from "./bench/peers/node_modules/protomux"`,
}

/** A session with the WebSocket transport, minified and gzipped, without core. */
export async function* sizeCases(): AsyncGenerator<Row> {
  const { gzipped } = await bundleSize({ name: "mux", code: CODE, external: ["@bellmouth/core"] })
  console.log(`\na session with the WebSocket transport: ${gzipped} B gzipped`)
  const name = `session and WebSocket transport: gzipped, of ${FLOOR_BYTES} B`
  yield { name, value: gzipped / FLOOR_BYTES, unit: "of", floor: 1 }
  const whole = await bundleSize({ name: "mux", code: CODE, external: [] })
  console.log(`the same with what it needs of core: ${whole.gzipped} B`)
  await installProject("bench/peers")
  for (const [peer, code] of Object.entries(PEERS)) {
    const other = await bundleSize({ name: peer, code, external: [] })
    console.log(`${peer}: ${other.gzipped} B`)
    const title = `session and WebSocket transport, with core: gzipped, of ${peer}`
    yield { name: title, value: whole.gzipped / other.gzipped, unit: "of" }
  }
}
