import type { AppendOptions, Level } from "../log.ts"
import { check, checkCode, checkEqual, rejection } from "./check.ts"
import type { Claim } from "./conformance-case.ts"
import { bytes, collect, replayed } from "./records.ts"

const levels: readonly Level[] = ["memory", "process", "disk"]

function thrown(act: () => unknown): unknown {
  try {
    act()
    return undefined
  } catch (reason) {
    return reason
  }
}

export const levelClaims: readonly Claim[] = [
  {
    name: "a pipe that asks for a level gets it or more, or is refused with UNSUPPORTED",
    async test({ log }) {
      const given = levels.indexOf(log.level)
      check(given >= 0, `${log.level} is a level`)
      for (const [asked, level] of levels.entries()) {
        if (asked > given) {
          const claim = `a pipe of level ${level} to a log of ${log.level}`
          checkCode(
            thrown(() => log.append({ level })),
            "UNSUPPORTED",
            claim,
          )
          checkCode(
            thrown(() => log.writable({ level })),
            "UNSUPPORTED",
            claim,
          )
          const call = log.appendBatch(bytes("no"), { level })
          checkCode(await rejection(call, claim), "UNSUPPORTED", claim)
          continue
        }
        const { readable, writable } = log.append({ level })
        const writer = writable.getWriter()
        const acks = collect(readable)
        await writer.write(bytes(level))
        await writer.close()
        const [ack] = await acks
        const reached = levels.indexOf(ack?.level ?? "memory")
        check(reached >= asked && reached <= given, `${ack?.level} is at least ${level}`)
      }
      const wanted = levels.slice(0, given + 1).map((level, offset) => `${offset}:${level}`)
      checkEqual(await replayed(log), wanted, "the records")
    },
  },
  {
    name: "what is no level is a RangeError",
    async test({ log }) {
      const reason = thrown(() => log.append({ level: "paper" } as unknown as AppendOptions))
      check(reason instanceof RangeError, `${String(reason)} is a RangeError`)
    },
  },
]
