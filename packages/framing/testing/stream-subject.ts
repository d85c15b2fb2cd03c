import type { LawName, Subject } from "@bellmouth/core/testing"

/** A stream of this package as the laws need it, but for the class, of which `options` make one. */
export interface StreamSubject<I, O> extends Omit<Subject<I, O>, "create"> {
  readonly options?: object
  /** Laws of which it shows nothing. */
  readonly unseen?: readonly LawName[]
}

/** Makes it a subject, with the class of its name out of a module. */
export function subjectOf<I, O>(
  name: string,
  { options, ...subject }: StreamSubject<I, O>,
  module: Readonly<Record<string, unknown>>,
): Subject<I, O> {
  const Stream = module[name] as new (options?: object) => ReadableWritablePair<O, I>
  return { ...subject, create: () => new Stream(options) }
}

/** The laws that skip it: no stream of this package ends by itself, or shows when it is called. */
export function unseenLaws<I, O>({ splits, unseen = [] }: StreamSubject<I, O>): LawName[] {
  const whole: LawName[] = splits === undefined ? ["chunking"] : []
  return (["stage-cancel", "terminate", ...whole, ...unseen] satisfies LawName[]).sort()
}

/** The bytes of a text. */
export function one(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** The bytes of each text. */
export function bytes(...texts: string[]): Uint8Array[] {
  return texts.map(one)
}

/** Says whether a reason is an error of this name, of whichever module. */
export function named(name: string): (reason: unknown) => boolean {
  return (reason) => reason instanceof Error && reason.name === name
}
