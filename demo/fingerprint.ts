import { createHash } from "node:crypto"
import { type Stage, stage } from "@bellmouth/core"

/** The length and SHA-256 of the bytes that have passed. */
export class Fingerprint {
  bytes = 0
  readonly #hash = createHash("sha256")

  /** A stage that lets bytes pass and takes note of them. */
  tap(): Stage<Uint8Array, Uint8Array> {
    return stage({
      transform: (chunk, controller) => {
        this.bytes += chunk.length
        this.#hash.update(chunk)
        controller.enqueue(chunk)
      },
    })
  }

  /** Length and digest so far, for comparison. */
  describe(): string {
    return `${this.bytes} bytes, sha256 ${this.#hash.copy().digest("hex")}`
  }
}
