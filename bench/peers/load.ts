import { installProject } from "../../scripts/install-project.ts"

/** A package that was loaded, or why it can not be. */
export type Peer =
  | { readonly state: "loaded"; readonly exports: Readonly<Record<string, unknown>> }
  | { readonly state: "missing"; readonly reason: string }

/**
 * Loads one of the packages of this folder's `package.json`, and installs them all first when they
 * are not there. What needs the network, or a compiler, may not be had: a benchmark says so, and
 * goes on without.
 */
export async function loadPeer(name: string): Promise<Peer> {
  try {
    await installProject("bench/peers")
    return { state: "loaded", exports: await import(name) }
  } catch (error) {
    return { state: "missing", reason: error instanceof Error ? error.message : String(error) }
  }
}
