const encoder = new TextEncoder()

/**
 * The bytes of one NDJSON line as a record: checked to be JSON, then kept as they are.
 *
 * A carriage return before the line feed belongs to the line's end and not to the record.
 *
 * @throws {SyntaxError} when the line is not one JSON value.
 */
export function toRecord(line: string): Uint8Array {
  JSON.parse(line)
  return encoder.encode(line.endsWith("\r") ? line.slice(0, -1) : line)
}
