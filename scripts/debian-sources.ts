/** One source of Debian packages, in the fields of a `.sources` stanza. */
export interface DebianSource {
  readonly uri: string
  readonly suite: string
  readonly components: string
  readonly signedBy: string | undefined
}

/**
 * The sources of a machine's own distribution, read from the text of its apt source files in either
 * format; other projects' sources are left out. Backports of the same mirror are added.
 *
 * @param codename - `VERSION_CODENAME` of `/etc/os-release`.
 */
export function debianSources(texts: readonly string[], codename: string): DebianSource[] {
  const own = texts
    .flatMap((text) => (/^\s*Types:/m.test(text) ? readStanzas(text) : readLines(text)))
    .filter(({ suite }) => suite === codename || suite.startsWith(`${codename}-`))
  const base = own.find(({ suite }) => suite === codename)
  if (base === undefined) return own
  const suite = `${codename}-backports`
  return own.some((each) => each.suite === suite) ? own : [...own, { ...base, suite }]
}

/** The text of a `.sources` file. */
export function formatSources(sources: readonly DebianSource[]): string {
  return sources
    .map(({ uri, suite, components, signedBy }) => {
      const signature = signedBy === undefined ? "" : `Signed-By: ${signedBy}\n`
      return `Types: deb\nURIs: ${uri}\nSuites: ${suite}\nComponents: ${components}\n${signature}`
    })
    .join("\n")
}

function readStanzas(text: string): DebianSource[] {
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const field = (name: string): string[] =>
      new RegExp(`^${name}:(.*)$`, "im").exec(stanza)?.[1]?.trim().split(/\s+/) ?? []
    if (!field("Types").includes("deb") || field("Enabled")[0] === "no") return []
    return field("URIs").flatMap((uri) =>
      field("Suites").map((suite) => ({
        uri,
        suite,
        components: field("Components").join(" "),
        signedBy: field("Signed-By")[0],
      })),
    )
  })
}

function readLines(text: string): DebianSource[] {
  const pattern = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+(.+?)\s*$/gm
  return [...text.matchAll(pattern)].map(([, options, uri = "", suite = "", components = ""]) => ({
    uri,
    suite,
    components,
    signedBy: /signed-by=(\S+)/.exec(options ?? "")?.[1],
  }))
}
