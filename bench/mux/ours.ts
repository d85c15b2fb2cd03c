import { fromPull } from "@bellmouth/core"
import { type Channel, connect, type SessionOptions } from "@bellmouth/mux"
import { type Carrier, transports } from "./carriers.ts"
import type { Lane, Subject } from "./subject.ts"

type Feed = (channel: Channel) => Lane

/** A session over one of our transports; its streams are written and read as Web Streams. */
export async function ours(
  carrier: Carrier,
  feed: Feed = written,
  options: SessionOptions = {},
): Promise<Subject> {
  const { here, there, close } = await transports(carrier)
  const client = connect(here, options)
  const server = connect(there, { maxChannels: 1000, ...options })
  const readers: ((bytes: number) => void)[] = []
  server.handle((body) => body)
  server.serve(async (channel) => {
    const arrived = readers.shift()
    for await (const chunk of channel.readable) arrived?.(chunk.length)
  })
  for (const { closed } of [client, server]) closed.catch(() => {}) // cut at the end
  await client.ready
  return {
    name: "@bellmouth/mux",
    backpressure: "each stream",
    keepsItems: true,
    async open(arrived) {
      readers.push(arrived)
      return feed(client.open())
    },
    request: (body) => client.request(body),
    close() {
      void client.abort()
      void server.abort()
      close()
    },
  }
}

/** As the standard says it should be done: write, and wait when there is no room. */
export function written({ writable }: Channel): Lane {
  const writer = writable.getWriter()
  writer.closed.catch(() => {}) // cut at the end
  return {
    write(chunk) {
      writer.write(chunk).catch(() => {}) // cut at the end
      return (writer.desiredSize ?? 0) > 0 ? undefined : writer.ready
    },
  }
}

/** `readable.pipeTo(channel.writable)`, from a stream of the platform. */
export function pipedNatively(channel: Channel): Lane {
  return piped(channel, (pull) => new ReadableStream({ pull }, { highWaterMark: 64 }))
}

/** The same from a stream of core's. */
export function pipedFromCore(channel: Channel): Lane {
  return piped(channel, (pull) => fromPull({ pull }))
}

interface Queue {
  readonly desiredSize: number | null
  enqueue(chunk: Uint8Array): void
}

type Pull = (controller: Queue) => void | Promise<void>

function piped(channel: Channel, make: (pull: Pull) => ReadableStream<Uint8Array>): Lane {
  let chunk: Uint8Array = new Uint8Array(0)
  let left = 0
  let wake: (() => void) | undefined
  const pull: Pull = (controller) => {
    const fill = (): void => {
      do {
        left--
        controller.enqueue(chunk)
      } while (left > 0 && (controller.desiredSize ?? 0) > 0)
    }
    if (left > 0) return fill()
    return new Promise((resolve) => {
      wake = () => {
        fill()
        resolve()
      }
    })
  }
  make(pull)
    .pipeTo(channel.writable)
    .catch(() => {}) // cut at the end
  return {
    write(next) {
      chunk = next
      left++
      const ready = wake
      wake = undefined
      ready?.()
      return undefined
    },
  }
}
