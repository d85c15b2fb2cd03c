const encoder = new TextEncoder()

/** Shorter ones are copied by the library, which costs less than to write them by themselves. */
const LENT_BYTES = 4_096

/** A stream of Node that can hold back what is written, to write all of it at once. */
interface Socket {
  cork(): void
  uncork(): void
  write(data: string | Uint8Array): unknown
}

/** A command of the library, which says itself what is written for it. */
interface Command {
  readonly name: string
  readonly args: readonly unknown[]
  toWritable(): string | Uint8Array
}

/** What of a connection of the library commands are written by. */
export interface WritingConnection {
  /** The socket, once there is one. */
  readonly stream?: unknown
  sendCommand(command: never, ...rest: never[]): unknown
}

/**
 * Has a connection of iovalkey or ioredis, once it is made, write the commands of one turn at once, and long arguments
 * as they lie. By itself it copies each command to write it: memory to clear and to collect, as long as the arguments.
 *
 * The arguments are lent until the command settles, or the socket is destroyed.
 */
export function writeLent(connection: WritingConnection): void {
  const send = connection.sendCommand as (command: Command, ...rest: never[]) => unknown
  const socket = connection.stream as Socket
  let isCorked = false
  const uncork = (): void => {
    isCorked = false
    socket.uncork()
  }
  connection.sendCommand = (command: Command, ...rest: never[]) => {
    if (!isCorked) {
      isCorked = true
      socket.cork()
      queueMicrotask(uncork)
    }
    if (command.args.some(isLong)) {
      command.toWritable = () => writeCommand(socket, [command.name, ...command.args])
    }
    return send.call(connection, command, ...rest)
  }
}

function isLong(word: unknown): boolean {
  return word instanceof Uint8Array && word.length >= LENT_BYTES
}

/** Writes a command but for its end, which is given back. */
function writeCommand(socket: Socket, words: readonly unknown[]): string {
  let text = `*${words.length}\r\n`
  for (const word of words) {
    if (word instanceof Uint8Array) {
      socket.write(`${text}$${word.length}\r\n`)
      socket.write(word)
      text = "\r\n"
    } else {
      text += `$${utf8Length(String(word))}\r\n${String(word)}\r\n`
    }
  }
  return text
}

function utf8Length(text: string): number {
  return encoder.encode(text).length
}
