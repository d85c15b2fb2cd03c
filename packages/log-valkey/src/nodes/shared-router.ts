import type { ValkeyClient } from "../client/valkey-client.ts"
import { Router } from "./router.ts"

interface Shared {
  readonly router: Router
  users: number
}

const routers = new WeakMap<ValkeyClient, Shared>()

/** The router that all logs of a client share; the last one that lets it go closes its connections. */
export interface RouterLease {
  readonly router: Router
  /** Another lease of the same router. */
  share(): RouterLease
  release(): void
}

export function leaseRouter(client: ValkeyClient): RouterLease {
  const shared = routers.get(client) ?? { router: new Router(client), users: 0 }
  routers.set(client, shared)
  return lease(client, shared)
}

function lease(client: ValkeyClient, shared: Shared): RouterLease {
  shared.users++
  let isHeld = true
  return {
    router: shared.router,
    share: () => lease(client, shared),
    release() {
      if (!isHeld) return
      isHeld = false
      shared.users--
      if (shared.users > 0) return
      if (routers.get(client) === shared) routers.delete(client)
      shared.router.close()
    },
  }
}
