import { expect, test } from "vitest"
import { debianSources, formatSources } from "../scripts/debian-sources.ts"

const stanzas = `Types: deb deb-src
# a comment
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/archive.gpg

Types: deb
URIs: http://other.example
Suites: stable
Components: main

Types: deb
Enabled: no
URIs: http://off.example
Suites: bookworm
Components: main
`

test("debianSources takes the distribution's own sources and adds its backports", () => {
  const base = {
    uri: "http://mirror.example/debian",
    components: "main contrib",
    signedBy: "/usr/share/keyrings/archive.gpg",
  }
  expect(debianSources([stanzas], "bookworm")).toEqual([
    { ...base, suite: "bookworm" },
    { ...base, suite: "bookworm-updates" },
    { ...base, suite: "bookworm-backports" },
  ])
})

test("debianSources reads one-line sources and keeps backports that are there", () => {
  const text = [
    "deb [arch=amd64 signed-by=/k.gpg] http://m.example/debian bookworm main non-free",
    "# deb http://m.example/debian bookworm-old main",
    "deb-src http://m.example/debian bookworm main",
    "deb http://b.example/debian bookworm-backports main",
    "deb http://third.example/apt cloud-bookworm main",
  ].join("\n")
  expect(debianSources([text], "bookworm")).toEqual([
    {
      uri: "http://m.example/debian",
      suite: "bookworm",
      components: "main non-free",
      signedBy: "/k.gpg",
    },
    {
      uri: "http://b.example/debian",
      suite: "bookworm-backports",
      components: "main",
      signedBy: undefined,
    },
  ])
})

test("formatSources writes what debianSources reads", () => {
  const sources = debianSources([stanzas], "bookworm")
  expect(debianSources([formatSources(sources)], "bookworm")).toEqual(sources)
})
