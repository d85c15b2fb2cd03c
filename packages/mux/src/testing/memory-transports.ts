import { type Clock, systemClock } from "@bellmouth/core"
import { seededRandom } from "@bellmouth/core/testing"
import type { Transport } from "../transport.ts"
import { createTransport } from "../transports/create-transport.ts"
import { MemoryEnd } from "./memory-end.ts"
import { type Delivery, MemoryWire } from "./memory-wire.ts"

/** What {@link memoryTransports} takes. */
export interface MemoryTransportsOptions {
  /** Every piece's size and delay follow from it. */
  readonly seed: number
  /** The time in which pieces are delayed. Default: the runtime's. */
  readonly clock?: Clock
  /** The most bytes of one piece; chunks are split and joined at random up to it. Default 65,536. */
  readonly maxPieceBytes?: number
  /** A piece follows the one before after 0 to so many milliseconds. Default 0. */
  readonly maxDelayMs?: number
  /** A writer waits while so many bytes are under way. Default 65,536. */
  readonly bufferBytes?: number
  /** The connection is lost when so many bytes have gone from the first end to the second, and back. */
  readonly cutAtBytes?: readonly [number, number]
  /** Told of each piece. */
  readonly onDelivery?: (delivery: Delivery) => void
}

/** A connection in memory, and its faults. */
export interface MemoryTransports {
  readonly first: Transport
  readonly second: Transport
  /** Loses the connection now, with what is under way. */
  readonly cut: () => void
  /** Lets nothing through in a direction, until `release`. Ends and losses wait behind it too. */
  readonly hold: (direction: Delivery["direction"]) => void
  readonly release: (direction: Delivery["direction"]) => void
  /** Ends a direction as its writer would, though that knows nothing of it; what is under way is lost. */
  readonly truncate: (direction: Delivery["direction"]) => void
}

/**
 * Makes a connection in memory that splits, joins, delays, holds, truncates and loses what goes over
 * it: at random, and the same for the same seed, options and use. Over a `VirtualClock` it takes no
 * time.
 *
 * @example The same pieces for the same seed
 * ```ts
 * import assert from "node:assert/strict"
 * import { toArray, VirtualClock } from "@bellmouth/core"
 * import { memoryTransports } from "@bellmouth/mux/testing"
 *
 * async function sizes(seed: number): Promise<number[]> {
 *   const clock = new VirtualClock()
 *   const { first, second } = memoryTransports({ seed, clock, maxPieceBytes: 50, maxDelayMs: 9 })
 *   const writer = first.writable.getWriter()
 *   void writer.write(new Uint8Array(1000))
 *   void writer.close()
 *   const read = toArray(second.readable)
 *   await clock.advance(10_000)
 *   return (await read).map((piece) => piece.length)
 * }
 * assert.deepEqual(await sizes(7), await sizes(7))
 * assert.notDeepEqual(await sizes(7), await sizes(8))
 * ```
 */
export function memoryTransports(options: MemoryTransportsOptions): MemoryTransports {
  const { seed, clock = systemClock, maxPieceBytes = 65_536, maxDelayMs = 0 } = options
  const { bufferBytes = 65_536, cutAtBytes = [Infinity, Infinity], onDelivery } = options
  const limits = { clock, maxPieceBytes, maxDelayMs, bufferBytes }
  const wire = (direction: Delivery["direction"], cutAt: number): MemoryWire =>
    new MemoryWire(direction, {
      ...limits,
      random: seededRandom(2 * seed + (direction === "there" ? 0 : 1)),
      cutAtBytes: cutAt,
      onDelivery: onDelivery ?? (() => {}),
      onCut: () => cut(),
    })
  const wires = { there: wire("there", cutAtBytes[0]), back: wire("back", cutAtBytes[1]) }
  const firstEnd = new MemoryEnd(wires.there, wires.back)
  const secondEnd = new MemoryEnd(wires.back, wires.there)
  const cut = (): void => {
    wires.there.lose("it was cut")
    wires.back.lose("it was cut")
  }
  return {
    first: createTransport(firstEnd),
    second: createTransport(secondEnd),
    cut,
    hold: (direction) => wires[direction].hold(),
    release: (direction) => wires[direction].unhold(),
    truncate: (direction) => wires[direction].truncate(),
  }
}
