import type { PlantedFault } from "../../crash/planted-fault.ts"

const lift = (file: string, from: string, to: string): PlantedFault[] => [
  { package: "mux", file, from, to },
]

const RANGE =
  'return typeof value === "number" && Number.isInteger(value) && value >= least && value <= most'

const FORM = lift("wire/wire-frame.ts", "if (isRight) return\n", "return\n")
const NUMBER = lift(
  "session/session-input.ts",
  "if (id !== this.lastAccepted + 1) {",
  "if (false) {",
)
const THERE = "if (wasThere && (isIgnoredWhenOver || -id > this.servedLast)) return undefined"
const KNOWN = lift("session/session-input.ts", THERE, `if (name !== "DATA") return\n    ${THERE}`)
const OPEN = lift("session/session-input.ts", THERE, `if (name === "DATA") return\n    ${THERE}`)
const FIRST = "if ((type === HELLO) !== (host.peer === undefined)) {"

/** The limits of a session, each with the change of the source that lifts it. */
export const LIFTED = {
  bucket: lift("session/frame-bucket.ts", "return --this.#left >= 0", "return true"),
  "answered credit": lift(
    "session/session-input.ts",
    "if (!outbound.answered()) this.#spend(name)",
    "",
  ),
  "goaway counted": lift(
    "session/session-input.ts",
    "        this.#spend(name)\n        if (type",
    "        if (type !== GOAWAY) this.#spend(name)\n        if (type",
  ),
  "cancel counted": lift(
    "session/session-input.ts",
    "if (channel === undefined || channel.outbound.isEnding) this.#spend(name)",
    "if (channel === undefined) this.#spend(name)",
  ),
  "ignored data": lift(
    "session/session-input.ts",
    "this.#ignoredBytes > most",
    "this.#ignoredBytes < 0",
  ),
  "ignored opens": lift(
    "session/session-input.ts",
    "if (id > this.servedLast) return this.#spend(frame.name)",
    "if (id > this.servedLast) return",
  ),
  places: lift(
    "session/session-input.ts",
    "if (this.acceptedCount >= maxChannels) {",
    "if (false) {",
  ),
  "place held by work": lift("channel/outbound.ts", "return this.holds === 0", "return true"),
  "frame length": lift(
    "wire/frame-scanner.ts",
    "if (length <= this.#limit) return length",
    "return length",
  ),
  "item in one frame": lift(
    "channel/inbound.ts",
    "if (length <= this.#host.maxItemBytes) return\n",
    "return\n",
  ),
  "item in pieces": lift(
    "channel/inbound.ts",
    "this.#checkItem(assembly.length + piece.byteLength)\n",
    "\n",
  ),
  "dropped pieces": lift("channel/inbound.ts", "      this.#assembly.discard()\n", ""),
  window: lift(
    "channel/receive-window.ts",
    "if (this.balance <= 0) {",
    "if (this.balance === 0.5) {",
  ),
  "credit sum": lift("session/session-input.ts", "if (balance > MOST) {", "if (balance < 0) {"),
  "credit of a channel": lift(
    "session/session-input.ts",
    "if (credit > MOST) {",
    "if (credit < 0) {",
  ),
  "number of a channel": NUMBER,
  "known channels": KNOWN,
  "open channels": OPEN,
  "form of a frame": FORM,
  "form and number": [...FORM, ...NUMBER],
  "form and known": [...FORM, ...KNOWN],
  "form and open": [...FORM, ...OPEN],
  "length of a text": lift(
    "wire/wire-frame.ts",
    "end - at <= most, name",
    "(isText || end - at <= most), name",
  ),
  utf8: lift("wire/wire-frame.ts", "{ fatal: true, ignoreBOM: true }", "{ ignoreBOM: true }"),
  "end of an item": lift(
    "channel/inbound.ts",
    "if (isOnlyEnd) throw endsWithinItem()",
    "if (isOnlyEnd) return",
  ),
  "failure within an item": lift(
    "channel/inbound.ts",
    "if (fin && this.#assembly !== undefined) throw endsWithinItem()",
    "",
  ),
  "one item in a request": lift(
    "session/session-input.ts",
    "if (inbound.isEmpty || inbound.isEnded) return\n",
    "return\n",
  ),
  "hello first": lift(
    "session/session-input.ts",
    FIRST,
    `if (type !== HELLO && host.peer === undefined) return\n    ${FIRST}`,
  ),
  "hello once": lift(
    "session/session-input.ts",
    FIRST,
    `if (type === HELLO && host.peer !== undefined) return\n    ${FIRST}`,
  ),
  "hello is an object": lift(
    "session/hello.ts",
    'if (!isRecord(hello)) throw new MuxError("PROTOCOL", "Cannot read HELLO: it is not an object")',
    'if (!isRecord(hello)) return decodeHello(new TextEncoder().encode("{}"))',
  ),
  "hello is JSON": lift(
    "session/hello.ts",
    'throw new MuxError("PROTOCOL", "Cannot read HELLO: it is not JSON", { cause })',
    "void cause\n    return {}",
  ),
  "hello's ranges": lift("session/limits.ts", RANGE, 'return typeof value === "number"'),
  "hello's own keys": lift(
    "session/hello.ts",
    "return Object.hasOwn(record, key) ? record[key] : undefined",
    'return Object.assign({}, JSON.parse(JSON.stringify(record), (k, v) => k === "" ? Object.setPrototypeOf(v, v["__proto__"]) : v))[key] ?? Object.getPrototypeOf(record)[key] ?? record["__proto__"]?.[key]',
  ),
  "time of hello": lift(
    "session/session.ts",
    "this.#stopTimer = clock.schedule(() => this.#timedOut(late), helloTimeoutMs)",
    "",
  ),
  "balance of a sender": [
    ...lift(
      "channel/outbound.ts",
      "this.balance < this.#most ? this.balance : this.#most",
      "this.#most",
    ),
    ...lift("channel/outbound.ts", "? this.balance > 0 :", "? true :"),
  ],
  "queue of a channel": lift(
    "channel/outbound.ts",
    "this.balance < this.#most ? this.balance : this.#most",
    "this.balance",
  ),
  "pending opens": lift(
    "session/opens.ts",
    "if (this.waiting.size >= maxPendingOpens + Math.max(0, Math.min(places, windows))) {",
    "if (false) {",
  ),
  "one reply to pings waits": [
    ...lift("session/session-core.ts", "    if (isSaid) return\n", ""),
    ...lift("session/session-core.ts", "      this.#pong = undefined\n", ""),
  ],
  "one sign of life waits": lift("session/session.ts", "this.#core.isSilent && ", ""),
  "signs of life a second": lift(
    "session/keep-alive.ts",
    "Math.max(10, shortest / 3)",
    "shortest / 3",
  ),
  "idle time": lift(
    "session/keep-alive.ts",
    "now - this.#heardAt >= this.#idleTimeoutMs",
    "now < this.#heardAt",
  ),
  "time of the end": lift(
    "session/session.ts",
    "this.#stopTimer = this.#limits.clock.schedule(() => this.#cut(), this.#limits.closeTimeoutMs)",
    "",
  ),
  "one item in a reply": lift(
    "channel/request-client.ts",
    "if (reply !== undefined) {",
    "if (false) {",
  ),
  "time of a request": lift(
    "channel/request-client.ts",
    "if (timeoutMs !== undefined)",
    "if (false)",
  ),
  "items of the peer": lift(
    "session/opens.ts",
    "metadata.byteLength > most ? tooLarge(action, metadata.byteLength, most) : undefined",
    "undefined",
  ),
  "private reasons": lift(
    "wire/wire-reason.ts",
    'text: "" }',
    "text: String(Reflect.get(Object(reason), 'stack')) }",
  ),
  "length of our texts": lift(
    "wire/frame-writer.ts",
    "Math.min(TEXT_BYTES, 3 * text.length)",
    "3 * text.length",
  ),
  "channels of a session": lift(
    "session/session-core.ts",
    "readonly channels: Map<number, ChannelCore> = new Map()",
    "readonly channels: Map<number, ChannelCore> = (SessionCore.all ??= new Map())\n  static all: Map<number, ChannelCore> | undefined",
  ),
  "credit for what was taken": [
    ...lift(
      "channel/receive-window.ts",
      "const credit = this.taken - this.size + size",
      "const credit = 2 * this.taken",
    ),
    ...lift("channel/receive-window.ts", "this.taken -= credit", "this.taken = 0"),
  ],
  "names of methods": [
    ...lift(
      "service/serve-methods.ts",
      "table.get(call.method)",
      "(methods as Methods)[call.method]",
    ),
    ...lift("service/serve-methods.ts", '(method.kind === "async") === isRequest', "call.method"),
  ],
  "sessions that are kept": lift(
    "resume/resume-acceptor.ts",
    "isNew && this.#kept.size < this.#maxSessions",
    "isNew",
  ),
  "time that sessions are kept": lift(
    "resume/resume-acceptor.ts",
    "kept.stop = this.#limits.clock.schedule(() => link.fail(toLost(end.cause)), kept.keepMs)",
    "",
  ),
  "owner of a session": lift("resume/resume-acceptor.ts", "kept.owner === owner && ", ""),
  "bytes to be sent again": lift(
    "resume/resume-link.ts",
    "if (this.#replay.byteLength >= this.#limits.maxReplayBytes) return false\n",
    "",
  ),
  "acknowledgements of nothing": lift("resume/resume-link.ts", "!isNews && ", "isNews && "),
  "acknowledgements of what was sent": lift(
    "resume/replay-buffer.ts",
    "if (total > this.pushed) return false",
    "",
  ),
  "time of hello for a session": lift(
    "resume/resume-acceptor.ts",
    "await within(wire.hello(), helloTimeoutMs, clock)",
    "await wire.hello()",
  ),
  "room for what stands alone": lift(
    "channel/frame-queue.ts",
    "last === undefined ? 0 : Math.min(SLAB_BYTES, 2 * this.#slabBytes)",
    "Math.min(SLAB_BYTES, 2 * this.#slabBytes)",
  ),
  "chunks of what is joined behind": lift(
    "channel/frame-queue.ts",
    "    this.settle()\n    this.held",
    "    if (this.#fresh !== undefined) this.#keep(this.#fresh)\n    this.#fresh = undefined\n    this.held",
  ),
  "bytes of what is over": lift(
    "session/accepts.ts",
    "host.freeBytes < 0",
    "host.freeBytes === 0.5",
  ),
} as const satisfies Readonly<Record<string, readonly PlantedFault[]>>

/** The name of a limit. */
export type Limit = keyof typeof LIFTED
