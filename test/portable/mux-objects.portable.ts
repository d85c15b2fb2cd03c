import { from, toArray } from "@bellmouth/core"
import { MuxError } from "@bellmouth/mux"
import { connectObjects, type ObjectSession, transfer } from "@bellmouth/mux/objects"
import { equal, ok, rejection, same, settle } from "./assert.ts"
import { type PortableSuite, skip } from "./suite.ts"

function pair(windowItems = 16): [ObjectSession, ObjectSession] {
  if (typeof MessageChannel === "undefined") skip("It has no MessageChannel")
  const { port1, port2 } = new MessageChannel()
  return [connectObjects(port1, { windowItems }), connectObjects(port2, { windowItems })]
}

/** workerd clones between ports, and can hand nothing over. */
function needTransfer(): void {
  const { port1, port2 } = new MessageChannel()
  try {
    const buffer = new ArrayBuffer(1)
    port1.postMessage(buffer, [buffer])
  } catch {
    skip("Its ports have no transfer")
  } finally {
    port1.close()
    port2.close()
  }
}

export const suite: PortableSuite = {
  name: "mux: objects",
  tests: {
    "Chunks come as they were sent, in order, and each direction ends alone": async () => {
      const [client, server] = pair()
      server.serve(async ({ readable, writable }) => {
        const chunks = await toArray(readable)
        await from(chunks.toReversed()).pipeTo(writable)
      })
      const channel = client.open({ name: "reverse" })
      const chunks = [undefined, null, 1, { a: ["b"] }, new Uint8Array([1, 2])]
      const sent = Array.from({ length: 10 }, () => chunks).flat()
      void from(sent).pipeTo(channel.writable)
      equal(await toArray(channel.readable), sent.toReversed())
      await Promise.all([client.close(), server.closed])
    },
    "A reader that stops holds its writer alone": async () => {
      const [client, server] = pair(4)
      server.handle((value) => value)
      const channel = client.open()
      const writer = channel.writable.getWriter()
      await client.ready
      let taken = 0
      for (let n = 0; n < 20; n++) {
        writer.write(n).then(
          () => taken++,
          () => {}, // it is aborted below
        )
      }
      same(await client.request("past it"), "past it")
      await settle()
      same(taken, 4)
      writer.closed.catch(() => {}) // as above
      await client.abort()
    },
    "Errors cross with code and text, other texts do not": async () => {
      const [client, server] = pair()
      server.handle((value) => {
        throw value === "public" ? new MuxError("REFUSED", "Not now") : new Error("private")
      })
      const refused = await rejection(client.request("public"))
      ok(refused instanceof MuxError, "It is no MuxError")
      same(`${refused.code}: ${refused.message}`, "REFUSED: Not now")
      const failed = await rejection(client.request("private"))
      ok(failed instanceof MuxError && !failed.message.includes("private"), "The text has crossed")
      same(failed.code, "INTERNAL")
      await client.close()
    },
    "What can not be cloned fails its write, and not the session": async () => {
      const [client, server] = pair()
      server.handle((value) => value)
      server.serve(({ readable, writable }) => readable.pipeTo(writable))
      const writer = client.open().writable.getWriter()
      writer.closed.catch(() => {}) // the write tells
      ok((await rejection(writer.write(() => {}))) instanceof TypeError, "It is no TypeError")
      same(await client.request("alive"), "alive")
      await client.close()
    },
    "An abort reaches both sides": async () => {
      const [client, server] = pair()
      const { finished } = client.open()
      await client.ready
      await client.abort(new MuxError("APPLICATION", "Enough"))
      for (const [promise, code] of [
        [client.closed, "APPLICATION"],
        [server.closed, "APPLICATION"],
        [finished, "CONNECTION_LOST"],
      ] as const) {
        same(Reflect.get(Object(await rejection(promise)), "code"), code)
      }
    },
    "A transferred buffer leaves here and arrives there": async () => {
      const [client, server] = pair()
      needTransfer()
      server.handle((value) => value)
      const bytes = new Uint8Array([1, 2, 3])
      equal(await client.request(transfer(bytes, [bytes.buffer])), new Uint8Array([1, 2, 3]))
      same(bytes.byteLength, 0)
      await client.close()
    },
  },
}
