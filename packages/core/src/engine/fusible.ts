import type { Engine } from "./engine.ts"

/** A transform that can run inside another chain's engine. */
export abstract class Fusible<O> {
  /**
   * Joins `engine` and gives the readable that is now its end; `undefined` when it can not any more.
   *
   * @internal
   */
  abstract join(engine: Engine): ReadableStream<O> | undefined
}
