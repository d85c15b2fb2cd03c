import { createMemoryLog, type LogSupports } from "@bellmouth/log"
import { logConformance } from "@bellmouth/log/conformance"
import type { PortableSuite, PortableTest } from "./suite.ts"

// Written down: workerd makes no random identity before it runs a test.
const supports: LogSupports = {
  append: true,
  producers: true,
  trim: true,
  seal: true,
  fork: "shared",
  reopen: false,
  manyWriters: false,
}
const cases = logConformance({ supports, create: async () => ({ log: createMemoryLog() }) })
const held = cases.filter(({ skip }) => skip === undefined)

export const suite: PortableSuite = {
  name: "log: the claims of the conformance suite, on the memory log",
  tests: Object.fromEntries(held.map(({ name, run }): [string, PortableTest] => [name, run])),
}
