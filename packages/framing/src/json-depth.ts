const QUOTE = 34
const BACKSLASH = 92

/** Says whether a JSON text nests arrays and objects deeper than `max`. */
export function exceedsDepth(text: string, max: number): boolean {
  return depthLimit(text, max)(0, text.length)
}

/**
 * Makes a function that says whether a part of a text nests arrays and objects deeper than `max`. It
 * is to be asked for the parts in order.
 *
 * Exact, and nearly free for ordinary text: only a part with more than `max` openers, strings
 * included, needs a look at its structure. They are counted by `indexOf`, each once in the whole
 * text, which costs some ten nanoseconds for each and next to nothing between.
 */
export function depthLimit(text: string, max: number): (at: number, end: number) => boolean {
  /** The next of each opener that was not counted yet. */
  let brace = -1
  let bracket = -1
  return (from, end) => {
    // The deepest opener has a closer for each level after it.
    const last = end - max - 1
    if (last - from <= max) return false
    if (brace < from) brace = find("{", from)
    if (bracket < from) bracket = find("[", from)
    let left = max
    for (; left >= 0 && (brace < last || bracket < last); left--)
      if (brace < bracket) brace = find("{", brace + 1)
      else bracket = find("[", bracket + 1)
    if (left >= 0) return false
    let depth = 0
    let quoted = false
    for (let at = from; at < end; at++) {
      const unit = text.charCodeAt(at)
      if (unit === QUOTE) quoted = !quoted
      else if (quoted) {
        if (unit === BACKSLASH) at++
      } else if (unit === 91 || unit === 123) {
        if (depth++ === max) return true
      } else if (unit === 93 || unit === 125) depth--
    }
    return false
  }

  function find(opener: string, from: number): number {
    const at = text.indexOf(opener, from)
    return at === -1 ? text.length : at
  }
}
