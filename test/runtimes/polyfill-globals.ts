/*
 * Puts `web-streams-polyfill` in the place of the platform's streams, as in React Native and old
 * browsers, and takes away what only works with the platform's own.
 */
import * as polyfill from "web-streams-polyfill"

for (const [name, value] of Object.entries(polyfill)) Reflect.set(globalThis, name, value)
for (const name of [
  "TextDecoderStream",
  "TextEncoderStream",
  "CompressionStream",
  "DecompressionStream",
]) {
  Reflect.deleteProperty(globalThis, name)
}
