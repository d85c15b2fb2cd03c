/**
 * A reason for `cancel` and `abort`. It is no Error on purpose: the standard lets any value be one,
 * and a stage that expects an Error, or makes one, must be seen.
 */
interface GivenReason {
  readonly why: string
}

export function givenReason(why: string): GivenReason {
  return { why }
}
