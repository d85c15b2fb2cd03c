import process from "node:process"

/** Listens for what must never be heard: errors that nobody has caught, and warnings. */
export class Noise {
  readonly #heard: string[] = []

  constructor() {
    process.on("uncaughtException", (error) => this.#heard.push(`uncaught: ${error.stack}`))
    process.on("unhandledRejection", (reason) => this.#heard.push(`unhandled: ${reason}`))
    process.on("warning", (warning) => {
      if (warning.name !== "ExperimentalWarning") this.#heard.push(`warning: ${warning}`)
    })
  }

  take(): string[] {
    return this.#heard.splice(0)
  }
}
