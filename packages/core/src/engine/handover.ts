import type { Engine } from "./engine.ts"
import type { Outlet } from "./outlet.ts"

/** An engine whose readable is locked to a consumer of ours, which drives the engine itself. */
export interface Handover {
  readonly engine: Engine
  /** The readable's own outlet: told of close and error, so that the stream's state stays true. */
  readonly home: Outlet
  /** Holds the lock; `cancel` on it goes the standard's way. */
  readonly reader: ReadableStreamDefaultReader<unknown>
}
