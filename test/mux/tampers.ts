import { type Stage, stage } from "@bellmouth/core"
import { encodeFrame, type Frame, FrameDecoder } from "@bellmouth/mux"

/** Hands on the frames of a session, but for what `change` makes of them. */
export function framesByFrame(
  change: (frame: Frame) => readonly Frame[],
): Stage<Uint8Array, Uint8Array> {
  const decoder = new FrameDecoder({ maxFrameBytes: 2 ** 24 - 1 })
  return stage<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      decoder.push(chunk, (frame) => {
        for (const changed of change(frame)) controller.enqueue(encodeFrame(changed))
      })
    },
  })
}

/** The same, where a frame becomes one frame or none. */
export function frameByFrame(
  change: (frame: Frame) => Frame | undefined,
): Stage<Uint8Array, Uint8Array> {
  return framesByFrame((frame) => {
    const changed = change(frame)
    return changed === undefined ? [] : [changed]
  })
}

/** Faults of a session, planted in what it sends; a simulation must see each. */
export const TAMPERS: Readonly<Record<string, () => Stage<Uint8Array, Uint8Array>>> = {
  "credit is lost": () => frameByFrame((frame) => (frame.type === "credit" ? undefined : frame)),
  "credit is given twice": () =>
    frameByFrame((frame) =>
      frame.type === "credit" ? { ...frame, credit: frame.credit * 2 } : frame,
    ),
  "an end is lost": () =>
    frameByFrame((frame) =>
      frame.type === "data" && frame.fin && frame.payload.byteLength === 0 ? undefined : frame,
    ),
  "an abort becomes an end": () =>
    frameByFrame((frame) =>
      frame.type === "abort" && frame.fin
        ? { type: "data", id: frame.id, fin: true, more: false, payload: new Uint8Array() }
        : frame,
    ),
  "an item is changed": () =>
    frameByFrame((frame) => {
      if (frame.type !== "data" || frame.payload.byteLength === 0) return frame
      const payload = frame.payload.slice()
      payload[0] = ~(payload[0] ?? 0)
      return { ...frame, payload }
    }),
  "an item is lost": () =>
    frameByFrame((frame) =>
      frame.type === "data" && !frame.fin && !frame.more ? undefined : frame,
    ),
  "a cancel is lost": () => frameByFrame((frame) => (frame.type === "cancel" ? undefined : frame)),
  "a code is changed": () =>
    frameByFrame((frame) => (frame.type === "abort" ? { ...frame, code: 299 } : frame)),
}
