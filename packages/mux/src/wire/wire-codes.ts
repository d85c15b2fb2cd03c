/** What ended a channel or a session, as the wire's numbers name it. */
export type MuxErrorCode =
  | "CLOSED"
  | "PROTOCOL"
  | "INTERNAL"
  | "CANCELLED"
  | "REFUSED"
  | "TOO_LARGE"
  | "TIMEOUT"
  | "CONNECTION_LOST"
  | "FLOW_CONTROL"
  | "UNKNOWN_METHOD"
  | "RESERVED"
  | "APPLICATION"

/** By the numbers of RFC 0005, section 5; 10 is the first of those that are reserved. */
const NAMES: readonly MuxErrorCode[] = [
  "CLOSED",
  "PROTOCOL",
  "INTERNAL",
  "CANCELLED",
  "REFUSED",
  "TOO_LARGE",
  "TIMEOUT",
  "CONNECTION_LOST",
  "FLOW_CONTROL",
  "UNKNOWN_METHOD",
  "RESERVED",
]

const FIRST_OF_APPLICATIONS = 256

/** The number of a code on the wire. */
export function wireCodeOf(code: MuxErrorCode): number {
  return code === "APPLICATION" ? FIRST_OF_APPLICATIONS : NAMES.indexOf(code)
}

/** The name of a number on the wire; any number has one. */
export function codeOfWire(wireCode: number): MuxErrorCode {
  if (wireCode >= FIRST_OF_APPLICATIONS) return "APPLICATION"
  return NAMES[wireCode] ?? "RESERVED"
}
