import { describe, expect, test } from "vitest"
import { connectObjects } from "./objects/connect-objects.ts"
import type { MessagePortLike } from "./transports/message-port-like.ts"
import { messagePortTransport } from "./transports/message-port-transport.ts"

/** A worker as its owner sees it, which can be made to say something. */
function worker() {
  const target = new EventTarget()
  const port: MessagePortLike = {
    postMessage() {},
    addEventListener: (type, listener) => target.addEventListener(type, listener),
    removeEventListener: (type, listener) => target.removeEventListener(type, listener),
    terminate() {},
  }
  const say = (type: string, fields: object): void => {
    target.dispatchEvent(Object.assign(new Event(type), fields))
  }
  return { port, say }
}

describe.each([
  [
    "a transport",
    (port: MessagePortLike) => messagePortTransport(port).readable.getReader().read(),
  ],
  ["a session of objects", (port: MessagePortLike) => connectObjects(port).closed],
] as const)("Under %s", (_, open) => {
  const error = new RangeError("It is full")

  test.each([
    ["its error", { error, message: "Uncaught RangeError: It is full" }, error],
    [
      "what a browser tells of it",
      { error: null, message: "Uncaught It" },
      new Error("Uncaught It"),
    ],
    ["nothing where it tells nothing", {}, undefined],
  ])("a worker that fails is lost with %s as the cause", async (_, fields, cause) => {
    const { port, say } = worker()
    const end = open(port)
    say("error", fields)
    const lost = await end.catch((reason: unknown) => reason)
    expect(lost).toMatchObject({ code: "CONNECTION_LOST" })
    expect(lost).toHaveProperty("message", expect.stringContaining("error"))
    expect(Reflect.get(Object(lost), "cause")).toEqual(cause)
  })
})
