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

/** The numbers of RFC 0005; `RESERVED` and `APPLICATION` are the first of their ranges. */
const NUMBERS: Readonly<Record<MuxErrorCode, number>> = {
  CLOSED: 0,
  PROTOCOL: 1,
  INTERNAL: 2,
  CANCELLED: 3,
  REFUSED: 4,
  TOO_LARGE: 5,
  TIMEOUT: 6,
  CONNECTION_LOST: 7,
  FLOW_CONTROL: 8,
  UNKNOWN_METHOD: 9,
  RESERVED: 10,
  APPLICATION: 256,
}

const NAMES = new Map(Object.entries(NUMBERS).map(([name, code]) => [code, name as MuxErrorCode]))

/** The number of a code on the wire. */
export function wireCodeOf(code: MuxErrorCode): number {
  return NUMBERS[code]
}

/** The name of a number on the wire; any number has one. */
export function codeOfWire(wireCode: number): MuxErrorCode {
  if (wireCode >= NUMBERS.APPLICATION) return "APPLICATION"
  return NAMES.get(wireCode) ?? "RESERVED"
}
