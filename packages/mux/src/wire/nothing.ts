/** No bytes: as good as any other. */
export const NOTHING: Uint8Array = new Uint8Array(0)
