const maxArguments = 8192

/** Base64 (RFC 4648 §4, padded) of bytes, in any runtime. */
export function encodeBase64(bytes: Uint8Array): string {
  let binary = ""
  for (let start = 0; start < bytes.length; start += maxArguments) {
    // To spread them takes five times as long.
    const part = bytes.subarray(start, start + maxArguments)
    binary += Reflect.apply(String.fromCharCode, undefined, part)
  }
  return btoa(binary)
}

/** The bytes of base64 text, or `undefined` when it is not base64. */
export function decodeBase64(text: string): Uint8Array | undefined {
  let binary: string
  try {
    binary = atob(text)
  } catch {
    return undefined // The caller says which event was malformed.
  }
  const bytes = new Uint8Array(binary.length)
  for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index)
  return bytes
}
