import { connect, createServer, type Server } from "node:net"
import { loadPeer } from "../../peers/load.ts"
import type { OpenSubject } from "../subject.ts"

interface Payload {
  readonly data: Buffer
}

interface Subscriber {
  onNext(payload: Payload, isComplete: boolean): void
  onComplete(): void
  onError(error: Error): void
  onExtension(): void
  request(count: number): void
  cancel(): void
}

interface RSocket {
  requestResponse(payload: Payload, to: Partial<Subscriber>): unknown
  requestChannel(
    payload: Payload,
    initial: number,
    isCompleted: boolean,
    to: Partial<Subscriber>,
  ): Subscriber
  close(): void
}

const CREDIT = 256

/** RSocket over TCP, without Nagle's delay, which it leaves on. Its credit counts items. */
export const rsocket: OpenSubject = async () => {
  const [core, dialer, listener] = [
    await loadPeer("rsocket-core"),
    await loadPeer("rsocket-tcp-client"),
    await loadPeer("rsocket-tcp-server"),
  ]
  for (const peer of [core, dialer, listener]) if (peer.state === "missing") return peer.reason
  if (core.state === "missing" || dialer.state === "missing" || listener.state === "missing")
    return "it is missing"
  type Make = new (options: object) => { bind(): Promise<unknown>; connect(): Promise<RSocket> }
  const ClientTransport = dialer.exports["TcpClientTransport"] as Make
  const ServerTransport = listener.exports["TcpServerTransport"] as Make
  const readers: ((bytes: number) => void)[] = []
  let server: Server | undefined
  const transport = new ServerTransport({
    listenOptions: { port: 0, host: "127.0.0.1" },
    socketCreator() {
      server = createServer({ noDelay: true })
      return server
    },
  })
  const accept = async () => ({
    requestResponse(payload: Payload, to: Subscriber) {
      to.onNext(payload, true)
      return { cancel() {}, onExtension() {} }
    },
    requestChannel: (_: Payload, __: number, ___: boolean, to: Subscriber) =>
      readerOf(readers.shift(), to),
  })
  await new (core.exports["RSocketServer"] as Make)({ transport, acceptor: { accept } }).bind()
  const address = server?.address()
  if (address === null || typeof address !== "object") return "it does not listen"
  const socketCreator = () => connect({ port: address.port, host: "127.0.0.1", noDelay: true })
  const client = await new (core.exports["RSocketConnector"] as Make)({
    transport: new ClientTransport({ connectionOptions: {}, socketCreator }),
  }).connect()
  return {
    name: "rsocket",
    backpressure: "each stream",
    keepsItems: true,
    async open(arrived) {
      readers.push(arrived)
      let credit = 0
      let wake: (() => void) | undefined
      const channel = client.requestChannel({ data: Buffer.alloc(0) }, CREDIT, false, {
        onNext() {},
        onComplete() {},
        onExtension() {},
        onError() {},
        cancel() {},
        request(count) {
          credit += count
          wake?.()
        },
      })
      return {
        write(chunk) {
          const data = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
          credit--
          channel.onNext({ data }, false)
          if (credit > 0) return undefined
          return new Promise<void>((resolve) => {
            wake = resolve
          })
        },
      }
    },
    request: (body) =>
      new Promise((resolve, reject) => {
        client.requestResponse(
          { data: Buffer.from(body) },
          { onNext: resolve, onComplete() {}, onError: reject, onExtension() {} },
        )
      }),
    close() {
      client.close()
      server?.close()
    },
  }
}

/** Asks for more when half of what it asked for has come. */
function readerOf(
  arrived: ((bytes: number) => void) | undefined,
  to: Subscriber,
): Partial<Subscriber> {
  let taken = 0
  to.request(CREDIT)
  return {
    onNext({ data }) {
      arrived?.(data.length)
      if (++taken < CREDIT / 2) return
      to.request(taken)
      taken = 0
    },
    onComplete() {},
    onError() {},
    onExtension() {},
    request() {},
    cancel() {},
  }
}
