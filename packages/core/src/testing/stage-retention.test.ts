import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { expect, test } from "vitest"
import { asyncStage } from "../async-engine/async-stage.ts"
import type { SyncTransformer } from "../engine/sync-transformer.ts"
import { compose } from "../stage/compose.ts"
import { pipe } from "../stage/pipe.ts"
import { stage } from "../stage/stage.ts"
import { checkLaws } from "./check-laws.ts"
import type { Probe, Subject } from "./subject.ts"

setFlagsFromString("--expose-gc")
const gc: () => void = runInNewContext("gc")
const collectGarbage = async (): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve))
  gc()
}

type Chunk = Readonly<Record<string, number>>

const chunks: readonly Chunk[] = Array.from({ length: 6 }, (_, index) => ({ chunk: index }))

const watched = (probe: Probe): SyncTransformer<Chunk, Chunk> => ({
  transform: (chunk, controller) => {
    probe.transformed()
    controller.enqueue({ ...chunk })
  },
})

const subjects: Readonly<Record<string, Pick<Subject<Chunk, Chunk>, "create" | "through">>> = {
  "a stage": { create: (probe) => stage(watched(probe)) },
  "two stages, composed": {
    create: (probe) => compose(stage(watched(probe)), stage(watched(probe))),
  },
  "two stages, by pipe()": {
    create: (probe) => stage(watched(probe)),
    through: (readable, probe) => pipe(readable, stage(watched(probe)), stage(watched(probe))),
  },
  "an asynchronous stage": {
    create: (probe) =>
      asyncStage<Chunk, Chunk>({
        transform: async (chunk, controller) => {
          probe.transformed()
          await Promise.resolve()
          controller.enqueue({ ...chunk })
        },
      }),
  },
}

test.for(Object.entries(subjects))("%s that is over holds nothing", async ([, subject]) => {
  const report = await checkLaws(
    { ...subject, inputs: chunks, outputs: chunks, probed: true },
    { only: ["retention"], collectGarbage },
  )
  expect(report.results).toEqual([{ law: "retention", state: "held", cases: 2, checks: 4 }])
})
