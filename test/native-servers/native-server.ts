type Handler = (request: Request) => Promise<Response>

/** A server of the runtime's own, and what it complains of. */
export interface NativeServer {
  readonly port: number
  readonly complaints: readonly string[]
  stop(): Promise<unknown>
}

interface Settings {
  readonly port: number
  readonly hostname: string
  readonly fetch?: Handler
  readonly onListen?: () => void
  readonly error?: (error: unknown) => Response
  readonly onError?: (error: unknown) => Response
}

/** What is used of Bun and Deno. */
interface Runtimes {
  readonly Bun?: {
    serve(settings: Settings): { readonly port: number; stop(now: boolean): Promise<unknown> }
  }
  readonly Deno?: {
    serve(
      settings: Settings,
      handler: Handler,
    ): { readonly addr: { readonly port: number }; shutdown(): Promise<unknown> }
  }
}

/** Serves a handler by `Bun.serve`, `Deno.serve`, or `node:http`. */
export async function serveNatively(handler: Handler): Promise<NativeServer> {
  const { Bun, Deno } = globalThis as Runtimes
  const complaints: string[] = []
  const complain = (error: unknown): Response => {
    complaints.push(String(error))
    return new Response(null, { status: 500 })
  }
  const address = { port: 0, hostname: "127.0.0.1" }
  if (Bun !== undefined) {
    const server = Bun.serve({ ...address, fetch: handler, error: complain })
    return { port: server.port, complaints, stop: () => server.stop(true) }
  }
  if (Deno !== undefined) {
    const server = Deno.serve({ ...address, onListen: () => {}, onError: complain }, handler)
    return { port: server.addr.port, complaints, stop: () => server.shutdown() }
  }
  const { serve } = await import("@bellmouth/node")
  const server = await serve(handler, { ...address, onError: complain })
  return { port: server.port, complaints, stop: () => server.close() }
}
