import { LawError, laws, violators } from "@bellmouth/core/testing"
import { equal, ok, rejection } from "./assert.ts"
import { judges } from "./core-laws.ts"
import type { PortableSuite, PortableTest } from "./suite.ts"

// it needs a collector of garbage, which no runtime offers to a program
const portable = laws.filter((law) => law.name !== "retention")

// where a pipe is the platform's own, as behind a queue, it departs where the platform does
const runtime =
  Reflect.get(globalThis, "navigator")?.userAgent === "Cloudflare-Workers" ? "workerd" : ""
const queued = "a stage with a queue at both ends"

const upheld = Object.fromEntries(
  portable.map((law): [string, PortableTest] => [
    `Every stage upholds the law "${law.name}"`,
    async () => {
      const broken: string[] = []
      let held = 0
      const departs = law.departures.some(({ where }) => where === runtime)
      for (const [name, judge] of Object.entries(judges)) {
        if (departs && name === queued) continue
        try {
          if ((await judge(law)).state === "held") held++
        } catch (error) {
          broken.push(`${name}: ${error instanceof Error ? error.message : String(error)}`)
        }
      }
      ok(queued in judges, "the stage with a queue is not judged")
      ok(broken.length === 0, broken.join("\n"))
      ok(held > 0, "the law applied to no stage")
    },
  ]),
)

const caught = Object.fromEntries(
  portable.map((law): [string, PortableTest] => [
    `The law "${law.name}" catches its violators`,
    async () => {
      const planted = violators.filter((violator) => violator.law === law.name)
      ok(planted.length > 0, "there is no violator")
      for (const { subject } of planted) {
        const error = await rejection(law.check(subject))
        equal(error instanceof LawError ? [error.law, error.code] : error, [law.name, "BROKEN"])
      }
    },
  ]),
)

/** Every law, on every stage of core, and on what breaks it. */
export const suite: PortableSuite = {
  name: "core: laws of streams",
  tests: { ...upheld, ...caught },
}
