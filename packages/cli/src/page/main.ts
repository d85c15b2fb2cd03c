import { Continuity, parsePosition } from "./continuity.ts"
import { LiveEvents, type LiveState } from "./live-events.ts"
import { Rate } from "./rate.ts"
import { drawRateChart } from "./rate-chart.ts"
import { RecordList } from "./record-list.ts"

const maxRows = 500
const rateSeconds = 60

/** Where the log ended when the page was opened: what is before is history, and no arrival. */
const tailAtLoad = await tailOf("/events")
const continuity = new Continuity()
const rate = new Rate(rateSeconds, Date.now())
const records = new RecordList(element("records"), maxRows)
let received = 0
let reconnects = 0
let isPaused = false
let isScheduled = false
let wasLive = false

new LiveEvents("/events", {
  last: 100,
  onRecord(id, data, isBinary) {
    const position = parsePosition(id)
    if (position === undefined || !continuity.accept(position)) return schedule()
    received++
    const isHistory = tailAtLoad !== undefined && position.next <= tailAtLoad
    if (!isHistory) rate.add(1, Date.now())
    const receivedAt = isHistory ? undefined : new Date()
    records.add({ offset: position.next - 1, data, isBinary, receivedAt })
    schedule()
  },
  onState(state) {
    if (state.state === "live" && wasLive) reconnects++
    wasLive ||= state.state === "live"
    showState(state)
    schedule()
  },
})

element("pause").addEventListener("click", () => {
  isPaused = !isPaused
  element("pause").setAttribute("aria-pressed", String(isPaused))
  schedule()
})
element("filter").addEventListener("input", (event) => {
  if (event.target instanceof HTMLInputElement) records.filter(event.target.value)
  schedule()
})
setInterval(schedule, 1000)

/** However many records come, the page is drawn once a frame; a hidden page is drawn when it shows. */
function schedule(): void {
  if (isScheduled) return
  isScheduled = true
  requestAnimationFrame(() => {
    isScheduled = false
    draw()
  })
}

function draw(): void {
  const now = Date.now()
  if (!isPaused) records.show()
  showBlank(records.isBlank)
  element("offset").textContent = (continuity.last?.next ?? tailAtLoad)?.toLocaleString("en") ?? "–"
  element("received").textContent = received.toLocaleString("en")
  element("rate").textContent = rate
    .perSecond(now)
    .toLocaleString("en", { maximumFractionDigits: 1 })
  drawRateChart(element("rate-chart"), rate.counts(now))
  showCount("gaps", continuity.gaps, "gap")
  showCount("repeats", continuity.repeats, "repeat")
  showCount("reconnects", reconnects, "reconnect")
  element("pause").textContent = isPaused
    ? `Resume (${records.waiting.toLocaleString("en")})`
    : "Pause"
}

/** Says why there is no record to be seen. */
function showBlank(isBlank: boolean): void {
  element("records").hidden = isBlank
  element("empty").hidden = !isBlank
  if (!isBlank) return
  element("empty").textContent =
    element("records").childElementCount === 0
      ? "Nothing yet. What is appended to the log appears here at once."
      : "No record here has this text."
}

function showCount(id: string, count: number, noun: string): void {
  element(id).textContent = `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`
  if (element(id).dataset.ok !== undefined) element(id).dataset.ok = String(count === 0)
}

function showState(state: LiveState): void {
  const names = {
    connecting: "Connecting",
    live: "Live",
    reconnecting: "Reconnecting",
    stopped: "Stopped",
  }
  element("state").dataset.state = state.state
  element("state-text").textContent = names[state.state]
  element("notice").hidden = state.state !== "stopped"
  element("notice").textContent = state.state === "stopped" ? state.reason : ""
}

/** The offset after the last record, where the log's server tells it. */
async function tailOf(url: string): Promise<number | undefined> {
  const response = await fetch(url, { method: "HEAD" }).catch(() => undefined)
  return parsePosition(response?.headers.get("stream-next-offset") ?? "")?.next
}

function element(id: string): HTMLElement {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`Cannot draw the page: it has no element ${id}`)
  return found
}
