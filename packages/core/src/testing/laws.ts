import { definedLaws } from "./defined-laws.ts"
import type { Law } from "./law.ts"

/**
 * The laws of transforms, one by one, to register each as a test of its own in any framework.
 * A law that does not apply to the subject says so in its result.
 *
 * @example One test for each law
 * ```ts
 * import assert from "node:assert/strict"
 * import { laws } from "@bellmouth/core/testing"
 *
 * const subject = {
 *   create: () =>
 *     new TransformStream<number, number>({
 *       transform: (chunk, controller) => controller.enqueue(chunk * 2),
 *     }),
 *   inputs: [1, 2, 3, 4],
 *   outputs: [2, 4, 6, 8],
 * }
 * // for (const law of laws) test(law.name, () => law.check(subject))
 * const names: string[] = []
 * for (const law of laws) {
 *   const result = await law.check(subject)
 *   if (result.state === "held") names.push(result.law)
 * }
 * assert.ok(names.includes("order") && names.includes("backpressure"))
 * ```
 */
export const laws: readonly Law[] = definedLaws
