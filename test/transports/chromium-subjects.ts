import type { TransportEnds, TransportSubject, TransportSupports } from "@bellmouth/mux/testing"
import {
  dataChannelTransport,
  type MessagePortLike,
  messagePortTransport,
  type WebSocketStreamLike,
  webSocketStreamTransport,
  webSocketTransport,
} from "@bellmouth/mux/transports"
import { globalOf, type RuntimeSubjects } from "./runtime-subjects.ts"

type WebSocketStreamConstructor = new (url: string) => WebSocketStreamLike

const supports: TransportSupports = {
  halfClose: false,
  abort: true,
  maxUnreadBytes: false,
  lose: false,
  remains: false,
}

/** What a page has; `relay` is where a server joins two sockets of one path. */
export function chromiumSubjects(relay: string | undefined): RuntimeSubjects {
  if (globalOf("document") === undefined) return {}
  const subjects: Record<string, TransportSubject> = {
    Worker: {
      supports: { ...supports, halfClose: true, maxUnreadBytes: 4e6 },
      connect: workerEnds,
    },
    RTCDataChannel: {
      supports: { ...supports, halfClose: true, lose: true },
      connect: () => rtcEnds(true),
    },
    "RTCDataChannel from an event": {
      supports: { ...supports, halfClose: true, lose: true },
      connect: () => rtcEnds(false),
    },
  }
  if (relay === undefined) return subjects
  let room = 0
  const path = (): string => `${relay}/${room++}`
  subjects["WebSocket by way of a server"] = {
    supports,
    async connect() {
      const url = path()
      const first = webSocketTransport(new WebSocket(url))
      return { first, second: webSocketTransport(new WebSocket(url)) }
    },
  }
  const Stream = globalOf("WebSocketStream") as WebSocketStreamConstructor | undefined
  if (Stream === undefined) return subjects
  subjects["WebSocketStream by way of a server"] = {
    supports: { ...supports, maxUnreadBytes: 32e6 },
    async connect() {
      const url = path()
      const first = webSocketStreamTransport(new Stream(url))
      return { first, second: webSocketStreamTransport(new Stream(url)) }
    },
  }
  return subjects
}

/** A worker that passes on between its own end and a port whose other end is here. */
async function workerEnds(): Promise<TransportEnds> {
  const worker = new Worker("/module.mjs", { type: "module" })
  const { port1, port2 } = new MessageChannel()
  worker.postMessage(port2, [port2])
  const dispose = (): void => worker.terminate()
  return { first: messagePortTransport(worker), second: messagePortTransport(port1), dispose }
}

/** In a worker this module is the worker's side of {@link workerEnds}. */
if (globalOf("DedicatedWorkerGlobalScope") !== undefined && globalOf("document") === undefined) {
  // The scope of a worker, which the types of a page do not know.
  const scope = globalThis as unknown as MessagePortLike
  const onPort = ({ data }: { data?: unknown }): void => {
    if (!(data instanceof MessagePort)) return
    scope.removeEventListener("message", onPort)
    const [page, port] = [messagePortTransport(scope), messagePortTransport(data)]
    page.readable.pipeTo(port.writable).catch(() => {}) // both ends see what broke
    port.readable.pipeTo(page.writable).catch(() => {})
  }
  scope.addEventListener("message", onPort)
}

/**
 * Two ends that are agreed on, or one that the other side hears of when it opens.
 *
 * Of those in an event Chromium leaves one in some hundreds "connecting" for ever: what it sends goes
 * nowhere, though it hears the other. No claim is about such a one.
 */
async function rtcEnds(negotiated: boolean): Promise<TransportEnds> {
  for (;;) {
    const { isStuck, ...ends } = await connectPeers(negotiated)
    if (!(await isStuck)) return ends
    ends.dispose()
  }
}

async function connectPeers(negotiated: boolean) {
  const [one, other] = [new RTCPeerConnection(), new RTCPeerConnection()]
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.addEventListener("icecandidate", ({ candidate }) => void to.addIceCandidate(candidate))
  }
  const agreed = negotiated ? { negotiated, id: 0 } : {}
  const channel = one.createDataChannel("bellmouth", agreed)
  const first = dataChannelTransport(channel)
  const made = negotiated
    ? Promise.resolve(other.createDataChannel("bellmouth", agreed))
    : new Promise<RTCDataChannel>((resolve) => {
        other.addEventListener("datachannel", (event) => resolve(event.channel))
      })
  await one.setLocalDescription()
  if (one.localDescription !== null) await other.setRemoteDescription(one.localDescription)
  await other.setLocalDescription()
  if (other.localDescription !== null) await one.setRemoteDescription(other.localDescription)
  const remote = await made
  const isStuck = new Promise<boolean>((resolve) => {
    channel.addEventListener("message", () => resolve(false), { once: true })
    setTimeout(() => resolve(remote.readyState === "connecting"), 2_000)
  })
  return {
    isStuck,
    first,
    second: dataChannelTransport(remote),
    lose: () => channel.close(),
    dispose() {
      one.close()
      other.close()
    },
  }
}
