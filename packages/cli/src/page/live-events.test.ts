import { afterEach, expect, onTestFinished, test, vi } from "vitest"
import { LiveEvents, type LiveState } from "./live-events.ts"

class GivenUp extends EventTarget {
  static readonly CLOSED = 2
  static opened = 0
  readonly readyState = GivenUp.CLOSED

  constructor() {
    super()
    GivenUp.opened++
    queueMicrotask(() => this.dispatchEvent(new Event("error")))
  }
}

afterEach(() => {
  GivenUp.opened = 0
})

test.each([
  [204, 1],
  [403, 1],
  [410, 1],
  [416, 1],
  [200, 2],
  [503, 2],
])(
  "where the browser gives up, and the server answers %i, it is opened so often: %i",
  async (status, opened) => {
    vi.useFakeTimers()
    onTestFinished(() => {
      vi.useRealTimers()
      vi.unstubAllGlobals()
    })
    vi.stubGlobal("EventSource", GivenUp)
    vi.stubGlobal("fetch", async () => new Response(null, { status }))
    const states: LiveState["state"][] = []
    new LiveEvents("/events", {
      last: 1,
      onRecord: () => {},
      onState: ({ state }) => states.push(state),
    })
    await vi.advanceTimersByTimeAsync(1600)
    expect(GivenUp.opened).toBe(opened)
    expect(states.at(-1)).toBe(opened === 1 ? "stopped" : "reconnecting")
  },
)
