import { laws } from "@bellmouth/core/testing"
import file from "../vectors/streams/transforms.json" with { type: "json" }
import { ok, rejection } from "./assert.ts"
import { playVector, type StreamVector } from "./core-vector-run.ts"
import type { PortableSuite } from "./suite.ts"

// the file says of itself what its fields are; TypeScript sees a union of all its literals
const vectors = file.vectors as unknown as readonly StreamVector[]

/** The vectors of RFC 0001, on the stages of core. */
export const suite: PortableSuite = {
  name: "core: vectors of RFC 0001",
  tests: {
    ...Object.fromEntries(
      vectors.map((vector) => [
        `${vector.id} ${vector.rule}: ${vector.transform.join(" > ")}`,
        () => playVector(vector),
      ]),
    ),
    "There are vectors, no two with one id, and each shows a law": () => {
      ok(vectors.length >= 20, `${vectors.length} vectors`)
      ok(new Set(vectors.map(({ id }) => id)).size === vectors.length, "an id stands twice")
      for (const { id, rule } of vectors)
        ok(
          laws.some(({ name }) => name === rule),
          `${id}: ${rule}`,
        )
    },
    "A vector that expects something else fails": async () => {
      for (const vector of vectors) {
        const steps = vector.steps.map((step) => ({ ...step, see: { ...step.see, reader: ["x"] } }))
        await rejection(playVector({ ...vector, steps }))
        await rejection(playVector({ ...vector, finally: { writes: ["lost"] } }))
      }
    },
  },
}
