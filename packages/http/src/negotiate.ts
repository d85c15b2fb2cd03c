interface MediaRange {
  readonly type: string
  readonly quality: number
}

/** A longer `Accept` is cut: no honest client sends one. */
const maxAcceptLength = 4096

/**
 * Picks the media type that an `Accept` header likes best (RFC 9110 §12.5.1).
 *
 * The most specific range that covers an offer gives its quality. Between equal qualities an offer
 * that was named wins over one that a wildcard covers, then the earlier offer wins. A malformed range
 * is ignored. Without a header, everything is acceptable.
 *
 * @returns one of `offers`, or `undefined` when none is acceptable.
 *
 * @example Pick a media type
 * ```ts
 * import assert from "node:assert/strict"
 * import { negotiate } from "@bellmouth/http"
 *
 * const offers = ["application/x-ndjson", "text/event-stream"]
 * assert.equal(negotiate("text/event-stream, *\/*;q=0.1", offers), "text/event-stream")
 * assert.equal(negotiate(null, offers), "application/x-ndjson")
 * assert.equal(negotiate("image/png", offers), undefined)
 * ```
 */
export function negotiate(accept: string | null, offers: readonly string[]): string | undefined {
  if (accept === null || accept.trim() === "") return offers[0]
  const ranges = accept.slice(0, maxAcceptLength).split(",").map(parseRange)
  let best: string | undefined
  let bestQuality = 0
  let bestSpecificity = -1
  for (const offer of offers) {
    let quality = 0
    let specificity = -1
    for (const range of ranges) {
      if (range === undefined) continue
      const match = specificityOf(range.type, offer)
      if (match <= specificity) continue
      specificity = match
      quality = range.quality
    }
    if (quality === 0 || quality < bestQuality) continue
    if (quality === bestQuality && specificity <= bestSpecificity) continue
    best = offer
    bestQuality = quality
    bestSpecificity = specificity
  }
  return best
}

/** 2 for the same type, 1 for `type/*`, 0 for any type, -1 for no match. */
function specificityOf(range: string, offer: string): number {
  if (range === offer) return 2
  if (range === "*/*") return 0
  if (range.endsWith("/*") && offer.startsWith(range.slice(0, -1))) return 1
  return -1
}

function parseRange(text: string): MediaRange | undefined {
  const [type = "", ...parameters] = text.split(";").map((part) => part.trim().toLowerCase())
  if (!/^[^\s/]+\/[^\s/]+$/.test(type)) return undefined
  let quality = 1
  for (const parameter of parameters) {
    if (!parameter.startsWith("q=")) continue
    const value = parameter.slice(2)
    if (!/^(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)$/.test(value)) return undefined
    quality = Number(value)
  }
  return { type, quality }
}
