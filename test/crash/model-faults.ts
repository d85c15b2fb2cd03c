import { edit, inLog, type NamedFault } from "./named-fault.ts"

/** Mistakes that the model has to find. */
export const modelFaults: readonly NamedFault[] = [
  {
    name: "dedupOff: what is sent again is stored again",
    layers: ["model"],
    faults: inLog(
      "producer-table.ts",
      "if (sequence < next) return this.#repeat(batch)",
      'if (sequence < next) return { type: "new" }',
    ),
  },
  {
    name: "epochOff: an earlier life of a producer is not fenced",
    layers: ["model"],
    faults: inLog(
      "producer-table.ts",
      "if (known !== undefined && epoch < known.epoch) throw fenced(batch, known.epoch)",
      "void fenced",
    ),
  },
  {
    name: "gapTaken: a batch of a producer is missing before one that is stored",
    layers: ["model"],
    faults: inLog("producer-table.ts", "if (sequence > next) throw gap(batch, next)", "void gap"),
  },
  {
    name: "producersForgotten: by a log that is opened again",
    layers: ["model"],
    faults: edit("segments/producer-state.ts", "    table.restore(states)\n", ""),
  },
  {
    name: "expectedTailOff",
    layers: ["model"],
    faults: edit(
      "writer/fs-writer.ts",
      "if (expectedTail !== this.#tail) {",
      "if (expectedTail < 0) {",
    ),
  },
  {
    name: "trimUnsynced: a power cut brings trimmed records back",
    layers: ["model"],
    faults: edit("segments/tail-file.ts", "    await this.#file.syncData()\n", ""),
  },
  {
    name: "sealForgotten: by a log that is opened again",
    layers: ["model"],
    faults: edit(
      "writer/fs-writer.ts",
      "    if (this.#isSealed) throw logSealed(toOffset(this.#tail))\n",
      "",
    ),
  },
  {
    name: "replayPlusOne: the first record of a replay is left out",
    layers: ["model"],
    faults: inLog(
      "replay-source.ts",
      "this.#position = range.from\n",
      'this.#position = range.from + (this.#options.from === "start" ? 0 : 1)\n',
    ),
  },
]
