import type { ValkeyArgument } from "./valkey-client.ts"

/** The class of bytes that a client library takes and gives, as Node's is. */
interface BytesClass {
  from(buffer: ArrayBufferLike, offset: number, length: number): Uint8Array
}

/**
 * Turns arguments into those that a client library takes. Its class of bytes is found in one of its
 * replies, since there is none outside of Node.
 *
 * @throws {TypeError} when the reply is no bytes, so that binary records would be harmed.
 */
export function toClientArguments(reply: unknown): (command: readonly ValkeyArgument[]) => never[] {
  if (!(reply instanceof Uint8Array)) {
    throw new TypeError(
      `Cannot use the client: its replies are of type ${typeof reply}, and records are bytes; have it reply with buffers`,
    )
  }
  const bytesClass: unknown = reply.constructor
  const convert = (word: ValkeyArgument): ValkeyArgument =>
    typeof word === "string" || !isBytesClass(bytesClass)
      ? word
      : bytesClass.from(word.buffer, word.byteOffset, word.byteLength)
  // They are of the library's own types, which have no name here.
  return (command) => command.map(convert) as never[]
}

function isBytesClass(value: unknown): value is BytesClass {
  return typeof value === "function" && value !== Uint8Array && "from" in value
}
