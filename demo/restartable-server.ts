import { setTimeout as wait } from "node:timers/promises"
import { AdapterError, type RequestHandler, type RunningServer, serve } from "@bellmouth/node"

/** A server that can go down and come back on the same port. */
export class RestartableServer implements AsyncDisposable {
  readonly #handler: RequestHandler
  #server: RunningServer
  #restarting: Promise<void> | undefined

  private constructor(handler: RequestHandler, server: RunningServer) {
    this.#handler = handler
    this.#server = server
  }

  /** Listens on `port`, or on any free one when something else has it. */
  static async start(handler: RequestHandler, port: number): Promise<RestartableServer> {
    try {
      return new RestartableServer(handler, await serve(handler, { port }))
    } catch (error) {
      if (!(error instanceof AdapterError) || error.code !== "PORT_IN_USE") throw error
      return new RestartableServer(handler, await serve(handler, { port: 0 }))
    }
  }

  get url(): string {
    return this.#server.url
  }

  /** Closes the server and opens it again after `downMs`; while it does so, a further call waits for it. */
  restart(downMs: number): Promise<void> {
    this.#restarting ??= this.#restart(downMs).finally(() => {
      this.#restarting = undefined
    })
    return this.#restarting
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#restarting
    await this.#server.close()
  }

  async #restart(downMs: number): Promise<void> {
    const { port } = this.#server
    await this.#server.close()
    await wait(downMs)
    this.#server = await serve(this.#handler, { port })
  }
}
