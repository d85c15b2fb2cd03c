import { MuxError } from "./mux-error.ts"

/** Something has more bytes than whoever it is for takes. */
export function tooLarge(action: string, bytes: number, most: number): MuxError {
  return new MuxError("TOO_LARGE", `Cannot ${action}: ${bytes} bytes, at most ${most} are taken`)
}
