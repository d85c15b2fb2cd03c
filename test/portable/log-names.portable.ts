import { decodeLogName, encodeLogName } from "@bellmouth/log"
import names from "../vectors/log/names.json" with { type: "json" }
import { equal, ok, rejection, thrown } from "./assert.ts"
import type { PortableSuite } from "./suite.ts"

interface NameVector {
  readonly id: string
  readonly log?: string
  readonly units?: readonly number[]
  readonly token?: string
  readonly error?: boolean
}

const vectors: readonly NameVector[] = names.vectors

export const suite: PortableSuite = {
  name: "log: the names of logs",
  tests: {
    "every vector has its token, and every token its name": async () => {
      let seen = 0
      for (const { id, log, token, error } of vectors) {
        if (error === true) continue
        equal(await encodeLogName(log ?? ""), token, id)
        equal(decodeLogName(token ?? ""), token?.startsWith("h") ? undefined : log, id)
        seen++
      }
      ok(seen > 30, `${seen} names were seen`)
    },
    "what is no name or no token is refused": async () => {
      let seen = 0
      for (const { id, units, token, error, ...vector } of vectors) {
        if (error !== true) continue
        const log = units ? String.fromCharCode(...units) : vector.log
        const reason =
          log === undefined
            ? thrown(() => decodeLogName(token ?? ""))
            : await rejection(encodeLogName(log))
        ok(reason instanceof RangeError, `${id}: ${String(reason)}`)
        seen++
      }
      ok(seen > 15, `${seen} were refused`)
    },
  },
}
