import assert from "node:assert/strict"
import type { ChannelState, ModelState } from "./model.ts"
import type { RealWorld } from "./real-world.ts"
import { FRAME_BYTES, type Side } from "./wire-model.ts"

/** Holds what has gone over the wire against what the users have done, when nothing moves. */
export function checkModel(state: ModelState, real: RealWorld): void {
  assert.deepEqual(real.wire.violations, [])
  for (const [at, channel] of state.channels.entries()) {
    for (const sender of ["near", "far"] as const) checkDirection(state, real, channel, at, sender)
  }
}

function checkDirection(
  { windowBytes }: ModelState,
  real: RealWorld,
  channel: ChannelState,
  at: number,
  sender: Side,
): void {
  const { end, isCancelled, written, taken } = channel[sender]
  const { balance, sent, given, ends } = real.wireOf(channel.opener, at, sender)
  const what = `what ${sender} sends on channel ${at}`
  assert(ends <= 1, `${what} has ended ${ends} times`)
  const isDropped = isCancelled || end === "abort"
  if (isDropped) return assert(ends === 1, `${what} has not ended`)
  assert(given <= taken, `${what}: credit of ${given} for ${taken} bytes that were taken`)
  const held = sent - taken
  const most = windowBytes + FRAME_BYTES + 8
  assert(held <= most, `${what}: ${held} bytes are held, at most ${most} may be`)
  assert(sent <= written, `${what}: ${sent} of ${written} bytes were sent`)
  if (sent < written) {
    assert(balance <= 0, `${what}: ${written - sent} bytes wait at a balance of ${balance}`)
  } else if (end !== undefined) {
    assert(ends === 1, `${what} has not ended behind the last item`)
  }
  // Credit is given back at half a window, unless nothing more can come.
  const owed = ends === 0 ? taken - given : 0
  assert(2 * owed < windowBytes, `${what}: ${owed} bytes were taken and not given back`)
}
