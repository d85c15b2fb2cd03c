/** What of an upgrade request says who asks. */
export interface UpgradeIdentity {
  /** The header `origin`; browsers always send it, programs seldom do. */
  readonly origin: string | undefined
  /** The header `host`. */
  readonly host: string | undefined
  /** The address that the connection came in on. */
  readonly localAddress: string | undefined
}

/** Which pages may connect, and under which names this server is known. */
export interface OriginRules {
  readonly origins: readonly string[] | "*"
  readonly hosts?: readonly string[]
}

const LOOPBACK_NAMES: readonly string[] = ["localhost", "127.0.0.1", "[::1]"]

/**
 * Makes the check of who may connect: gives undefined, or why not.
 *
 * @throws {TypeError} for an allowed origin that is not exactly an origin.
 */
export function originGuard({
  origins,
  hosts,
}: OriginRules): (identity: UpgradeIdentity) => string | undefined {
  if (origins !== "*") for (const origin of origins) checkOrigin(origin)
  const names = hosts?.map((host) => host.toLowerCase())
  return ({ origin, host, localAddress }) => {
    // A sandboxed frame or a file of anyone's: it stands for no origin that could be allowed.
    if (origin === "null") return "the origin is null"
    if (origin !== undefined && origins !== "*" && !origins.includes(origin)) {
      return "the origin is not allowed"
    }
    const known = names ?? (isLoopback(localAddress) ? LOOPBACK_NAMES : undefined)
    if (known === undefined) return undefined
    const asked = host?.toLowerCase()
    if (asked === undefined) return "the host is missing"
    // With any port, as a name with a port is known only with that one.
    const isKnown = known.includes(asked) || known.includes(asked.replace(/:\d{1,5}$/, ""))
    return isKnown ? undefined : "the host is not allowed"
  }
}

function checkOrigin(origin: string): void {
  const exact = URL.canParse(origin) ? new URL(origin).origin : "null"
  if (exact === "null" || exact !== origin) {
    const advice = exact === "null" ? "https://example.org" : exact
    throw new TypeError(`Cannot allow the origin ${origin}: write it as in ${advice}`)
  }
}

/** A page whose name was made to resolve to this machine would come in here. */
function isLoopback(address: string | undefined): boolean {
  return address !== undefined && /^(?:127\.|::1$|::ffff:127\.)/.test(address)
}
