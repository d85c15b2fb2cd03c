import { LawError, laws, violators } from "@bellmouth/core/testing"
import { equal, ok, rejection } from "./assert.ts"
import { judges } from "./core-laws.ts"
import { type PortableSuite, type PortableTest, skip } from "./suite.ts"

// it needs a collector of garbage, which no runtime offers to a program
const portable = laws.filter((law) => law.name !== "retention")

// what runs through the runtime's own pipeTo departs where that does
const runtime =
  Reflect.get(globalThis, "navigator")?.userAgent === "Cloudflare-Workers" ? "workerd" : ""

const upheld = Object.fromEntries(
  portable.map((law): [string, PortableTest] => [
    `Every stage upholds the law "${law.name}"`,
    async () => {
      for (const { where, why } of law.departures) if (where === runtime) skip(why)
      const broken: string[] = []
      let held = 0
      for (const [name, judge] of Object.entries(judges)) {
        try {
          if ((await judge(law)).state === "held") held++
        } catch (error) {
          broken.push(`${name}: ${error instanceof Error ? error.message : String(error)}`)
        }
      }
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
