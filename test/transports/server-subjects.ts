import type { Transport } from "@bellmouth/mux"
import type { TransportEnds, TransportSupports } from "@bellmouth/mux/testing"
import {
  type BunServerSocketLike,
  bunWebSocketHandlers,
  type WebSocketLike,
  webSocketTransport,
} from "@bellmouth/mux/transports"
import { globalOf, type RuntimeSubjects } from "./runtime-subjects.ts"

interface DenoLike {
  serve(
    options: { port: number; hostname: string; onListen(): void },
    handler: (request: Request) => Response,
  ): { readonly addr: { readonly port: number }; unref(): void }
  upgradeWebSocket(request: Request): { socket: WebSocketLike; response: Response }
}

interface BunLike {
  serve(options: {
    port: number
    hostname: string
    fetch(request: Request, server: { upgrade(request: Request): boolean }): Response | undefined
    websocket: unknown
  }): { readonly port: number; unref(): void }
}

type PairConstructor = new () => { 0: WebSocketLike; 1: WebSocketLike }

const supports: TransportSupports = {
  halfClose: false,
  abort: true,
  maxUnreadBytes: false,
  lose: false,
  remains: false,
}

/** Client and server in one process, in the runtimes whose server is their own. */
export async function serverSubjects(): Promise<RuntimeSubjects> {
  const [deno, bun, pair] = ["Deno", "Bun", "WebSocketPair"].map(globalOf)
  if (deno !== undefined) return denoSubjects(deno as DenoLike)
  if (bun !== undefined) return bunSubjects(bun as BunLike)
  return pair === undefined ? {} : pairSubjects(pair as PairConstructor)
}

/** Gives the server's transports to whoever waits for the next. */
class Accepting {
  readonly #waiting: ((transport: Transport) => void)[] = []

  readonly accept = (transport: Transport): void => this.#waiting.shift()?.(transport)

  async connect(url: string, swap: boolean): Promise<TransportEnds> {
    const accepted = new Promise<Transport>((resolve) => this.#waiting.push(resolve))
    const socket = new WebSocket(url)
    const client = webSocketTransport(socket)
    const server = await accepted
    const [first, second] = swap ? [server, client] : [client, server]
    // Some claims end with the connection open, and that keeps the runtime running.
    return { first, second, dispose: () => socket.close() }
  }
}

function bothWays(url: string, accepting: Accepting): RuntimeSubjects {
  return {
    "WebSocket to the server": { supports, connect: () => accepting.connect(url, false) },
    "WebSocket from the server": { supports, connect: () => accepting.connect(url, true) },
  }
}

function denoSubjects(deno: DenoLike): RuntimeSubjects {
  const accepting = new Accepting()
  const server = deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    const { socket, response } = deno.upgradeWebSocket(request)
    accepting.accept(webSocketTransport(socket))
    return response
  })
  server.unref()
  return bothWays(`ws://127.0.0.1:${server.addr.port}`, accepting)
}

function bunSubjects(bun: BunLike): RuntimeSubjects {
  const accepting = new Accepting()
  const server = bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request, server) =>
      server.upgrade(request) ? undefined : new Response("", { status: 400 }),
    websocket: bunWebSocketHandlers<BunServerSocketLike>(accepting.accept),
  })
  server.unref()
  return bothWays(`ws://127.0.0.1:${server.port}`, accepting)
}

function pairSubjects(Pair: PairConstructor): RuntimeSubjects {
  return {
    WebSocketPair: {
      supports,
      async connect() {
        const { 0: one, 1: other } = new Pair()
        for (const socket of [one, other]) Reflect.get(socket, "accept").call(socket)
        // Some claims end with the connection open, and workerd ends none by itself.
        const dispose = (): void => {
          for (const socket of [one, other]) socket.close(1000)
        }
        return { first: webSocketTransport(one), second: webSocketTransport(other), dispose }
      },
    },
  }
}
