import { createMemoryLog } from "@bellmouth/log"
import { expect, test } from "vitest"
import { createLiveHandler } from "./live-handler.ts"

test.each([
  ["$& $' $$", "$&amp; $' $$"],
  ['<b>"&', "&lt;b&gt;&quot;&amp;"],
])("a log may be called %s", async (title, shown) => {
  const handle = await createLiveHandler(createMemoryLog(), { title })
  const page = await (await handle(new Request("http://localhost/"))).text()
  expect(page).toContain(`<title>${shown} · live</title>`)
  expect(page).toContain(`<h1 id="log-name">${shown}</h1>`)
})

test("a page and a log asked for by another name are refused, with the names that there are", async () => {
  const hosts = ["localhost", "[::1]"]
  const handle = await createLiveHandler(createMemoryLog(), { hosts })
  const statuses = async (host: string) =>
    Promise.all(
      ["", "events", "live.css", "nothing"].map(
        async (path) => (await handle(new Request(`http://${host}/${path}`))).status,
      ),
    )
  expect(await statuses("[::1]:4437")).toEqual([200, 200, 200, 404])
  expect(await statuses("rebound.example:4437")).toEqual([403, 403, 403, 403])
  const refusal = await handle(new Request("http://rebound.example/"))
  expect(await refusal.text()).toBe(
    "Forbidden: this log is served under these names: localhost, [::1]\n",
  )
})

test("the page is only read", async () => {
  const handle = await createLiveHandler(createMemoryLog())
  const head = await handle(new Request("http://localhost/", { method: "HEAD" }))
  const post = await handle(new Request("http://localhost/", { method: "POST" }))
  expect([head.status, post.status, post.headers.get("allow")]).toEqual([200, 405, "GET, HEAD"])
})
