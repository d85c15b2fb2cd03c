/** A script that runs in the server, and the digest that the server knows it by. */
export interface Script {
  readonly text: string
  readonly digest: string
}

const made = new Map<string, Promise<Script>>()

/** Makes a script of its text, once. */
export function toScript(text: string): Promise<Script> {
  const known = made.get(text)
  if (known !== undefined) return known
  const script = makeScript(text)
  made.set(text, script)
  return script
}

async function makeScript(text: string): Promise<Script> {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-1", new TextEncoder().encode(text)))
  const digest = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
  return { text, digest }
}
