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
