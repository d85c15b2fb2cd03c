import { type Flow, Receiver } from "./receiver.ts"

/** A consumer as the engine sees it: a readable's controller, an iterator, a pipe, a loop. */
export interface Outlet {
  /** One chunk that was asked for. Must not throw. */
  chunk(chunk: unknown): void
  /** Nothing more comes. */
  close(): void
  /** Nothing more comes: `reason`. All that preceded it has been delivered. */
  error(reason: unknown): void
  /** Nothing more comes: `reason`, at once; what was not yet read is dropped. */
  abort(reason: unknown): void
}

/** The end of an engine's chain: hands chunks to whichever outlet drives the engine now. */
export class WayOut extends Receiver {
  outlet: Outlet

  constructor(flow: Flow, outlet: Outlet) {
    super(flow)
    this.outlet = outlet
  }

  override take(chunk: unknown): void {
    this.flow.demand--
    this.outlet.chunk(chunk)
  }
}
