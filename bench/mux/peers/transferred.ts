import { loadPeer } from "../../peers/load.ts"
import { ports } from "../carriers.ts"
import type { Lane, OpenSubject } from "../subject.ts"

interface Pair {
  readonly writable: WritableStream<Uint8Array>
  readonly readablePort: MessagePort
}

/** remote-web-streams: a port for each stream, one chunk asked for at a time. */
export const remoteWebStreams: OpenSubject = async () => {
  const peer = await loadPeer("remote-web-streams")
  if (peer.state === "missing") return peer.reason
  // A package of the time before `exports`: Node sees what it exports as one default.
  const exports = (peer.exports["default"] ?? peer.exports) as Record<string, unknown>
  const writables = exports["RemoteWritableStream"] as new () => Pair
  const read = exports["fromReadablePort"] as (port: MessagePort) => ReadableStream<Uint8Array>
  const opened: Pair[] = []
  return {
    name: "remote-web-streams",
    backpressure: "each stream",
    keepsItems: true,
    async open(arrived) {
      const pair = new writables()
      opened.push(pair)
      void count(read(pair.readablePort), arrived)
      return feed(pair.writable)
    },
    close() {
      for (const { readablePort } of opened) readablePort.close()
    },
  }
}

/** The platform's own transfer of streams, which is a port for each stream, too. */
export const transferredStreams: OpenSubject = async () => {
  const { here, there, close } = await ports()
  return {
    name: "transferred streams",
    backpressure: "each stream",
    keepsItems: true,
    async open(arrived) {
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
      const came = new Promise<ReadableStream<Uint8Array>>((resolve) => {
        there.onmessage = ({ data }) => resolve(data)
      })
      here.postMessage(readable, [readable])
      void count(await came, arrived)
      return feed(writable)
    },
    close,
  }
}

function feed(writable: WritableStream<Uint8Array>): Lane {
  const writer = writable.getWriter()
  return {
    write(chunk) {
      void writer.write(chunk)
      return writer.ready
    },
  }
}

async function count(
  readable: ReadableStream<Uint8Array>,
  arrived: (bytes: number) => void,
): Promise<void> {
  for await (const chunk of readable) arrived(chunk.length)
}
