import { wrongArgument } from "./wrong-argument.ts"

/** Gives the limit that an option asks for, or its default. `Infinity` switches the limit off. */
export function checkLimit<Name extends string>(
  options: { readonly [name in Name]?: number | undefined },
  name: Name,
  fallback: number,
): number {
  const limit = options[name] ?? fallback
  if (limit > 0 && Math.floor(limit) === limit) return limit
  throw new RangeError(wrongArgument(name, "a positive integer or Infinity", limit))
}
