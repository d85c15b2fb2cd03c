/**
 * Makes what parses whole NDJSON lines out of bytes, where a runtime has a parser to be trusted with
 * that: on Bun, `bytes-parser-bun.ts` stands here, by the `imports` of `package.json`.
 */
export function bytesParser(_options: object, _maxDepth: number): undefined {}
