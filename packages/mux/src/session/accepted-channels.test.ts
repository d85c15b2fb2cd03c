import { duplexPair, toArray } from "@bellmouth/core"
import { expect, test } from "vitest"
import type { Channel } from "../channel/channel.ts"
import { connect } from "../connect.ts"
import { MuxError } from "../wire/mux-error.ts"
import type { Session } from "./session.ts"

function pair(): [Session, Session] {
  const [here, there] = duplexPair<Uint8Array>()
  return [connect(here), connect(there)]
}

async function openAndEnd(session: Session): Promise<void> {
  const { readable, writable, finished } = session.open()
  await Promise.all([writable.close(), toArray(readable), finished])
}

test("A handler that sets another one serves its channel alone", async () => {
  const [a, b] = pair()
  const served: string[] = []
  const echo = ({ readable, writable }: Channel): Promise<void> => readable.pipeTo(writable)
  b.serve((channel) => {
    served.push("first")
    b.serve((next) => {
      served.push("second")
      return echo(next)
    })
    return echo(channel)
  })
  await openAndEnd(a)
  await openAndEnd(a)
  expect(served).toEqual(["first", "second"])
  await Promise.all([a.close(), b.closed])
})

test("What a handler throws is why both directions of its channel end", async () => {
  const [a, b] = pair()
  b.serve(() => {
    throw new MuxError("APPLICATION", "Full", { wireCode: 300 })
  })
  const { readable, writable, finished } = a.open()
  const full = { wireCode: 300, message: "Full" }
  await expect(writable.getWriter().closed).rejects.toMatchObject(full)
  await expect(readable.getReader().closed).rejects.toMatchObject(full)
  await expect(finished).rejects.toMatchObject(full)
})

test("A channel that nobody takes any more is refused in both directions", async () => {
  const [a, b] = pair()
  await b.channels.cancel()
  const { readable, writable, finished } = a.open()
  await expect(writable.getWriter().closed).rejects.toMatchObject({ code: "REFUSED" })
  await expect(readable.getReader().closed).rejects.toMatchObject({ code: "REFUSED" })
  await expect(finished).rejects.toMatchObject({ code: "REFUSED" })
})
