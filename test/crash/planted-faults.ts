import { modelFaults } from "./model-faults.ts"
import { type CrashLayer, edit, type NamedFault } from "./named-fault.ts"

const SYNCING = 'this.level === "disk" ? file.syncData() : undefined'
const SYNC = `const syncing = ${SYNCING}`
const WRITE = "const writing = writeAll(file, [head, commit.bytes, zeros], position, zeros.length)"
const DRAFT_SYNC = "    await writeAll(file, [bytes], 0)\n    await file.syncData()\n"
const SEAL_SYNC =
  '      await this.#lock.check()\n      if (this.level !== "disk") {\n        await this.#active.file.syncData()\n        await this.#tailFile.publish(this.#tail, this.#tail)\n      }\n      await writeSeal'
const BELOW = "if (offset < synced) throw corrupt({ ...damage, reason: fault })"
const LATER = "if (later !== undefined) {"

/** Mistakes that one could make in a log, each with those that have to find it. */
export const plantedFaults: readonly NamedFault[] = [
  {
    name: "noFsync",
    layers: ["states", "order", "power"],
    faults: edit("writer/fs-writer.ts", SYNCING, "undefined"),
  },
  {
    name: "fsyncEveryOther",
    layers: ["states", "order"],
    faults: edit(
      "writer/fs-writer.ts",
      SYNCING,
      "this.#tail % 2 === 0 ? file.syncData() : undefined",
    ),
  },
  {
    name: "ackEarly: acknowledged while its fdatasync is under way",
    layers: ["order"],
    faults: edit("writer/fs-writer.ts", SYNCING, "void file.syncData().catch(() => {})"),
  },
  {
    name: "ackBeforeWrite",
    layers: ["order"],
    faults: edit(
      "writer/fs-writer.ts",
      WRITE,
      "const writing = next\nsetTimeout(() => void writeAll(file, [head, commit.bytes, zeros], position), 20)",
    ),
  },
  {
    name: "tailBeforeSync: readers see what a power cut may take back",
    layers: ["order"],
    faults: edit(
      "writer/fs-writer.ts",
      SYNC,
      `await this.#tailFile.publish(offset + commit.count, offset + commit.count)\n${SYNC}`,
    ),
  },
  {
    name: "skipDirFsync: after a rename",
    layers: ["states", "order"],
    faults: edit("segments/segment-file.ts", "  await layer.syncDirectory(directory)\n", ""),
  },
  {
    name: "skipParentFsync: after the directory was made",
    layers: ["order"],
    faults: edit(
      "writer/open-writer.ts",
      "  await layer.syncDirectory(dirname(resolve(directory)))\n",
      "void dirname\nvoid resolve\n",
    ),
  },
  {
    name: "skipAncestorFsync: after the directories above were made",
    layers: ["order"],
    faults: edit("files/node-file-layer.ts", "    await syncDirectory(dirname(made))\n", ""),
  },
  {
    name: "unsyncedLock: a lock that names nobody after a power cut",
    layers: ["order", "power"],
    faults: edit(
      "files/node-file-layer.ts",
      "    await handle.writeFile(content)\n    await handle.sync()\n",
      "    await handle.writeFile(content)\n",
    ),
  },
  {
    name: "noDraftFsync: a name for bytes that are not on disk",
    layers: ["states", "order"],
    faults: edit("segments/segment-file.ts", DRAFT_SYNC, "    await writeAll(file, [bytes], 0)\n"),
  },
  {
    name: "recoveredUnsynced: published again from the page cache",
    layers: ["order"],
    faults: edit("writer/open-writer.ts", "  await active.file.syncData()\n", ""),
  },
  {
    name: "fillPastEnd: zeros between the segments",
    layers: ["states"],
    faults: edit("segments/segment-fill.ts", "Math.min(until, segmentBytes) - end", "until - end"),
  },
  {
    name: "retryAfterEIO",
    layers: ["failures"],
    faults: edit("writer/fs-writer.ts", SYNCING, "file.syncData().catch(() => file.syncData())"),
  },
  {
    name: "retryUntilSuccess",
    layers: ["failing"],
    faults: edit(
      "writer/fs-writer.ts",
      SYNC,
      "const syncing = undefined\nfor (let n = 0; n < 6; n++) if (await file.syncData().then(() => true, () => false)) break",
    ),
  },
  {
    name: "failedFsyncIgnored",
    layers: ["failures"],
    faults: edit("writer/fs-writer.ts", SYNCING, "file.syncData().catch(() => {})"),
  },
  {
    name: "poisonCleared",
    layers: ["failures"],
    faults: edit(
      "writer/fs-writer.ts",
      "    this.#failure = writeFailed(action, path, await causeOf(this.#lock, failure))\n    return this.#failure\n",
      "    return writeFailed(action, path, failure)\n",
    ),
  },
  {
    name: "partialWriteIgnored",
    layers: ["failures"],
    faults: edit("files/write-all.ts", "if (left < part.length) rest", "if (left < 0) rest"),
  },
  {
    name: "ignoreCrc",
    layers: ["damage"],
    faults: edit(
      "frames/frame.ts",
      "if (checksumOf(frame, seed) !== crc)",
      "if (frame.length === 0)",
    ),
  },
  {
    name: "dropPrevCrc",
    layers: ["damage"],
    faults: edit(
      "frames/frame-reader.ts",
      "if (this.#previous !== undefined && frame.previous !== this.#previous)",
      "if (this.#previous === -1)",
    ),
  },
  {
    name: "foreignFrames: a checksum that does not know the log",
    layers: ["damage"],
    faults: edit(
      "files/checksum.ts",
      "return crc32(bytes.subarray(COVERED_FROM), seed)",
      "void seed\n  return crc32(bytes.subarray(COVERED_FROM))",
    ),
  },
  {
    name: "truncateOnAnyCrc",
    layers: ["damage"],
    faults: [
      ...edit("segments/recover-segment.ts", BELOW, ""),
      ...edit("segments/recover-segment.ts", LATER, "if (later === null) {"),
    ],
  },
  {
    name: "noTornScan",
    layers: ["damage"],
    faults: edit("segments/recover-segment.ts", LATER, "if (later === null) {"),
  },
  {
    name: "forkUnmarked: half a fork is taken for a log",
    layers: ["ends"],
    faults: edit("copy/copy-log.ts", "  await createDurably(layer, directory, MARK, ", "  void ("),
  },
  {
    name: "forkUnsynced: the mark goes before the copy is on disk",
    layers: ["ends"],
    faults: edit("copy/copy-segment.ts", "  await target.syncData()\n", ""),
  },
  {
    name: "sealUnsynced: the seal comes before the records that it is behind",
    layers: ["ends"],
    faults: edit("writer/fs-writer.ts", SEAL_SYNC, "      await writeSeal"),
  },
  {
    name: "sealIgnored: records are cut off that a seal is behind",
    layers: ["ends"],
    faults: [
      ...edit("writer/fs-writer.ts", SEAL_SYNC, "      await writeSeal"),
      ...edit("writer/open-writer.ts", "if (end !== undefined && end !== tail)", "if (end === -1)"),
      ...edit("writer/open-writer.ts", "known?.synced ?? 0, end ?? 0)", "known?.synced ?? 0)"),
    ],
  },
  ...modelFaults,
  {
    name: "repairCuts: what follows a damage is given up",
    layers: ["repair"],
    faults: edit(
      "segments/salvage-segment.ts",
      "    const end = this.#endByLength(at)\n",
      "    if (at > 0) return undefined\n    const end = this.#endByLength(at)\n",
    ),
  },
  {
    name: "repairForgets: what was damaged is not kept",
    layers: ["repair"],
    faults: edit(
      "repair/write-repair.ts",
      "  await createDurably(layer, directory, free, bytes)\n",
      "",
    ),
  },
  {
    name: "repairReuses: offsets that were acknowledged are given to others",
    layers: ["repair"],
    faults: edit(
      "repair/repair-fs-log.ts",
      "  if (plan.last !== undefined) {\n    await",
      "  if (plan.last === null) {\n    await",
    ),
  },
  {
    name: "repairHides: a hole is not told",
    layers: ["repair"],
    faults: edit(
      "repair/repair-plan.ts",
      "return isBetween ? Math.max(0, count) : known",
      "return known",
    ),
  },
  {
    name: "fenceOff: acknowledged without a look at the lock",
    layers: ["fencing"],
    faults: edit("locks/write-lock.ts", "    await lock.check()\n  } finally", "  } finally"),
  },
  {
    name: "sharedSegment: with a writer that may wake",
    layers: ["fencing"],
    faults: edit(
      "writer/open-writer.ts",
      "  if (lock.isAlone) return segment\n",
      "  if (lock.epoch > 0) return segment\n",
    ),
  },
  {
    name: "segmentReplaced: the name of a segment is taken from another",
    layers: ["fencing"],
    faults: edit("writer/open-writer.ts", "  if (!lock.isAlone) await backend.begin()\n", ""),
  },
  {
    name: "tailLost: the tail file of another is left in the place",
    layers: ["fencing"],
    faults: edit(
      "segments/tail-file.ts",
      "    const found = (await readTail(this.#layer, this.#directory))?.record\n",
      "    if (this.#anchors < 99) return\n    const found = (await readTail(this.#layer, this.#directory))?.record\n",
    ),
  },
  {
    name: "lateRename: a segment gets its name when another has the log",
    layers: ["races"],
    faults: edit(
      "writer/open-writer.ts",
      "byteLength, lock)",
      "byteLength, { epoch: lock.epoch, during: (act) => act() })",
    ),
  },
  {
    name: "staleTail: the tail is not published",
    layers: ["damage"],
    faults: edit(
      "writer/fs-writer.ts",
      '      await this.#tailFile.publish(tail, this.level === "disk" ? tail : this.#tailFile.synced)\n',
      "",
    ),
  },
]

/** The faults that one of the tests has to find. */
export function faultsFor(layer: CrashLayer): readonly NamedFault[] {
  return plantedFaults.filter(({ layers }) => layers.includes(layer))
}
