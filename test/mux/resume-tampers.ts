import type { Stage } from "@bellmouth/core"
import type { Frame } from "@bellmouth/mux"
import { frameByFrame, framesByFrame } from "./tampers.ts"

const isNumbered = ({ type }: Frame): boolean =>
  type !== "hello" && type !== "ping" && type !== "ack"

/** Makes a transform whose first numbered frame becomes others. */
function changingFirst(change: (frame: Frame) => readonly Frame[]): Stage<Uint8Array, Uint8Array> {
  let isFirst = true
  return framesByFrame((frame) => {
    if (!isFirst || !isNumbered(frame)) return [frame]
    isFirst = false
    return change(frame)
  })
}

function countingSeen(by: number): Stage<Uint8Array, Uint8Array> {
  return frameByFrame((frame) => {
    if (frame.type !== "hello") return frame
    const { seen, ...rest } = JSON.parse(new TextDecoder().decode(frame.payload))
    const payload = new TextEncoder().encode(JSON.stringify({ ...rest, seen: Number(seen) + by }))
    return { type: "hello", payload }
  })
}

/** Faults of resuming, planted in what the connecting side sends on each transport but the first. */
export const RESUME_TAMPERS: Readonly<Record<string, () => Stage<Uint8Array, Uint8Array>>> = {
  "one frame too few is sent again": () => changingFirst(() => []),
  "one frame too many is sent again": () => changingFirst((frame) => [frame, frame]),
  "one frame too few is said to be seen": () => countingSeen(-1),
  "one frame too many is said to be seen": () => countingSeen(1),
  "an acknowledgement counts one frame too many": () =>
    frameByFrame((frame) => (frame.type === "ack" ? { ...frame, count: frame.count + 1 } : frame)),
}
