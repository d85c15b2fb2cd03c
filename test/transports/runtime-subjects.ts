import type { TransportSubject } from "@bellmouth/mux/testing"

/** The transports of a runtime, by name. */
export type RuntimeSubjects = Readonly<Record<string, TransportSubject>>

/** What is asked of the globals that only some runtimes have. */
export function globalOf(name: string): unknown {
  return Reflect.get(globalThis, name)
}
