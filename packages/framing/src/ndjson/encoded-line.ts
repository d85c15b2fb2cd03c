/**
 * What an encoder writes as it is. It is apart from the class that checks the text, so that a
 * bundle which only encodes does not carry the checks.
 */
export abstract class EncodedLine {
  /** The JSON text, without a line end. */
  declare abstract readonly text: string
}
