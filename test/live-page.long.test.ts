import { createMemoryLog, type Log } from "@bellmouth/log"
import { type RunningServer, serve } from "@bellmouth/node"
import { createLiveHandler } from "bellmouth"
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest"
import { type Browser, type BrowserPage, launchChromium } from "../scripts/chromium.ts"

let browser: Browser

beforeAll(async () => {
  browser = await launchChromium()
}, 300_000)

afterAll(() => browser?.close())

async function append(log: Log, ...records: unknown[]): Promise<void> {
  const writer = log.writable().getWriter()
  for (const record of records) {
    const text = typeof record === "string" ? record : JSON.stringify(record)
    await writer.write(new TextEncoder().encode(text))
  }
  await writer.close()
}

async function start(log: Log, port = 0): Promise<RunningServer> {
  const server = await serve(await createLiveHandler(log, { title: "events" }), { port })
  onTestFinished(() => server.close())
  return server
}

async function open(server: RunningServer): Promise<{ page: BrowserPage; complaints: string[] }> {
  const page = await browser.newPage()
  onTestFinished(() => page.close())
  const complaints: string[] = []
  page.on("pageerror", (error) => complaints.push(error.message))
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text())
  })
  await page.goto(server.url)
  return { page, complaints }
}

/** Waits inside the page, by an observer: its content security policy forbids what evaluates text. */
function text(page: BrowserPage, id: string, wanted: string): Promise<void> {
  return page.evaluate(`new Promise((resolve, reject) => {
    const element = document.getElementById(${JSON.stringify(id)})
    const check = () => element.textContent === ${JSON.stringify(wanted)} && resolve()
    new MutationObserver(check).observe(element, { childList: true, subtree: true, characterData: true })
    setTimeout(() => reject(new Error(${JSON.stringify(`${id} is not ${wanted}, but `)} + element.textContent)), 20_000)
    check()
  })`)
}

test("the page shows what was there and what comes, and counts no gap", async () => {
  const log = createMemoryLog()
  await append(log, { event: "push" }, { event: "star" })
  const { page, complaints } = await open(await start(log))
  await text(page, "received", "2")
  await text(page, "state-text", "Live")
  await append(log, { event: "fork", n: 3 })
  await text(page, "offset", "3")
  const first = "#records li:first-child "
  expect(await page.textContent(`${first}.name`)).toBe("fork")
  expect(await page.textContent(`${first}.line`)).toBe('{"event":"fork","n":3}')
  await page.click(`${first}summary`)
  expect(await page.textContent(`${first}pre`)).toBe('{\n  "event": "fork",\n  "n": 3\n}')
  expect(await page.textContent("#gaps")).toBe("0 gaps")
  expect(complaints).toEqual([])
})

test("the page shows a record as it was written, in all its digits, and the tail of an empty log", async () => {
  const log = createMemoryLog()
  const { page, complaints } = await open(await start(log))
  await text(page, "offset", "0")
  const quotes = '\\"'.repeat(150_000)
  await append(log, '{"id":12345678901234567890}', `{"id":"${quotes}"}`)
  await text(page, "received", "2")
  await page.click("#records li:first-child summary")
  await page.click("#records li:last-child summary")
  const second = "#records li:last-child pre"
  expect(await page.textContent(second)).toBe('{\n  "id": 12345678901234567890\n}')
  const cut = await page.textContent("#records li:first-child pre")
  expect(cut).toMatch(/^\{\n {2}"id": "(?:\\")+\\\n… and 100,009 characters more$/)
  expect(complaints).toEqual([])
})

test("the page survives a restart of the server, without a gap and without a repeat", async () => {
  const log = createMemoryLog()
  await append(log, { n: 0 })
  let server = await start(log)
  const { page } = await open(server)
  await text(page, "received", "1")
  for (let restart = 1; restart <= 3; restart++) {
    await server.close()
    await text(page, "state-text", "Reconnecting")
    await append(log, { n: "while it was down" }, { n: "and another" })
    server = await start(log, server.port)
    await append(log, { n: "after it was back" })
    await text(page, "received", String(1 + 3 * restart))
    await text(page, "state-text", "Live")
  }
  expect(await page.textContent("#gaps")).toBe("0 gaps")
  expect(await page.textContent("#repeats")).toBe("0 repeats")
  expect(await page.textContent("#reconnects")).toBe("3 reconnects")
})

test("the page keeps the last 500 records, and filters and pauses them", async () => {
  const log = createMemoryLog()
  const { page } = await open(await start(log))
  await text(page, "state-text", "Live")
  await append(log, ...Array.from({ length: 1300 }, (_, n) => ({ n })))
  await text(page, "received", "1,300")
  expect(await page.evaluate("document.querySelectorAll('#records li').length")).toBe(500)
  expect(await page.textContent("#records li:last-child .at")).toBe("800")
  await page.fill("#filter", '"n":1299')
  expect(await page.evaluate("document.querySelectorAll('#records li:not([hidden])').length")).toBe(
    1,
  )
  await page.fill("#filter", "no such text")
  await text(page, "empty", "No record here has this text.")
  expect(await page.evaluate("document.getElementById('empty').checkVisibility()")).toBe(true)
  await page.fill("#filter", '"n":1299')
  await page.click("#pause")
  await append(log, { n: "held back" })
  await text(page, "pause", "Resume (1)")
  await append(log, ...Array.from({ length: 1300 }, (_, n) => ({ n })))
  await text(page, "pause", "Resume (1,301)")
  await page.fill("#filter", "")
  await page.click("#pause")
  await text(page, "pause", "Pause")
  expect(await page.textContent("#records li:first-child .at")).toBe("2600")
  expect(await page.evaluate("document.querySelectorAll('#records li').length")).toBe(500)
})

test("the page stops at the end of a sealed log, and says so", async () => {
  const log = createMemoryLog()
  await append(log, { n: 1 })
  const { page } = await open(await start(log))
  await text(page, "received", "1")
  await log.seal()
  await text(page, "state-text", "Stopped")
  await text(page, "notice", "This log is sealed: nothing comes after its last record.")
})

test("a record is text, whatever it holds", async () => {
  const log = createMemoryLog()
  const evil = '<img src=x onerror="document.title=1"><script>document.title=1</script>'
  await append(
    log,
    { event: evil },
    evil,
    `data: x\n\nevent: y`,
    "\r\0\uFFFE",
    `{"__proto__":{"event":"z"}}`,
  )
  const { page, complaints } = await open(await start(log))
  await text(page, "received", "5")
  expect(await page.evaluate("document.querySelectorAll('img, main script').length")).toBe(0)
  expect(await page.evaluate("document.title")).toBe("events · live")
  expect(await page.textContent("#records li:last-child .name")).toBe(evil)
  expect(complaints).toEqual([])
})

test("a log that was replaced stops the page with a word about it", async () => {
  const first = createMemoryLog()
  await append(first, { n: 0 })
  const server = await start(first)
  const { page } = await open(server)
  await text(page, "received", "1")
  await server.close()
  await start(createMemoryLog(), server.port)
  await text(page, "state-text", "Stopped")
  expect(await page.textContent("#notice")).toContain("replaced by another one")
})
