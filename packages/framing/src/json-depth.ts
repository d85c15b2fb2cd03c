const QUOTE = 34
const BACKSLASH = 92

/**
 * Says whether a JSON text nests arrays and objects deeper than `max`.
 *
 * Exact, and nearly free for ordinary text: at the deepest place more than `max` openers lie
 * before it and more than `max` closers after it. So a text that is short, or that has fewer
 * openers, or too few closers after its `max + 1`st opener, needs no look at its structure. Those
 * are found by `indexOf`, which costs nanoseconds for each bracket and next to nothing between.
 */
export function exceedsDepth(text: string, max: number): boolean {
  if (text.length < 2 * max + 2) return false
  const deepest = nth(text, "[", "{", max + 1, 0)
  if (deepest === -1) return false
  if (nth(text, "]", "}", max + 1, deepest) === -1) return false
  return scan(text, max)
}

/** Finds the position of the nth place of either character, or -1. */
function nth(text: string, a: string, b: string, n: number, from: number): number {
  let nextA = text.indexOf(a, from)
  let nextB = text.indexOf(b, from)
  for (let seen = 1; ; seen++) {
    if (nextA === -1 && nextB === -1) return -1
    if (nextB === -1 || (nextA !== -1 && nextA < nextB)) {
      if (seen === n) return nextA
      nextA = text.indexOf(a, nextA + 1)
    } else {
      if (seen === n) return nextB
      nextB = text.indexOf(b, nextB + 1)
    }
  }
}

function scan(text: string, max: number): boolean {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === QUOTE) {
      at = closingQuote(text, at + 1)
      if (at === -1) return false
    } else if (unit === 91 || unit === 123) {
      depth += 1
      if (depth > max) return true
    } else if (unit === 93 || unit === 125) depth -= 1
  }
  return false
}

function closingQuote(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === QUOTE) return at
    if (unit === BACKSLASH) at += 1
  }
  return -1
}
