import { toOffset } from "@bellmouth/log"
import { expect, test } from "vitest"
import { append, get, logOf } from "../testing/log-requests.ts"
import { createLogHandler } from "./log-handler.ts"

test("?last= and ?limit= select, and Stream-Next-Offset says where to go on", async () => {
  const log = await logOf("1", "2", "3", "4")
  const handle = createLogHandler(log)
  expect(await (await handle(get("?last=2"))).text()).toBe("3\n4\n")
  expect(await (await handle(get("?last=9"))).text()).toBe("1\n2\n3\n4\n")
  const page = await handle(get("?offset=1&limit=2"))
  expect(await page.text()).toBe("2\n3\n")
  const next = page.headers.get("stream-next-offset")
  expect(next).toBe(`${log.id}.3`)
  expect(await (await handle(get(`?offset=${next}`))).text()).toBe("4\n")
  expect(await (await handle(get("?offset=-1&limit=1"))).text()).toBe("1\n")
})

test.each([
  "limit=1",
  "limit=2",
  "limit=3",
  "offset=-1&limit=2",
  "last=4&limit=3",
  "last=9&limit=1",
])("pages of ?%s lead by Stream-Next-Offset to the tail, by GET and by HEAD", async (query) => {
  const handle = createLogHandler(await logOf("1", "2", "3", "4"))
  const limit = query.slice(query.indexOf("limit="))
  let [path, text] = [`?${query}`, ""]
  for (let page = 0; page < 5; page++) {
    const response = await handle(get(path))
    const next = response.headers.get("stream-next-offset")
    expect((await handle(get(path, {}, "HEAD"))).headers.get("stream-next-offset")).toBe(next)
    text += await response.text()
    path = `?offset=${next}&${limit}`
  }
  expect(text).toBe("1\n2\n3\n4\n")
  expect(path).toContain(".4&")
})

test("?last= counts from the tail that the body ends at, whatever is appended or trimmed meanwhile", async () => {
  const log = await logOf("1", "2", "3", "4")
  const meanwhile = [
    () => append(log, "5", "6", "7"),
    async () => {
      await append(log, "8")
      await log.trim(toOffset(6))
    },
  ]
  const handle = createLogHandler({
    id: log.id,
    start: () => log.start(),
    sealed: () => log.sealed(),
    replayBatches: (options) => log.replayBatches(options),
    async tail() {
      const tail = await log.tail()
      await meanwhile.shift()?.()
      return tail
    },
  })
  const grown = await handle(get("?last=2"))
  expect(await grown.text()).toBe("3\n4\n")
  expect(grown.headers.get("stream-next-offset")).toBe(`${log.id}.4`)
  const trimmed = await handle(get("?last=2"))
  expect(await trimmed.text()).toBe("7\n")
  expect(trimmed.headers.get("stream-next-offset")).toBe(`${log.id}.7`)
  expect(meanwhile).toEqual([])
})
