/** Runs something on a platform whose decoder of UTF-8 refuses some bytes. */
export function refusing(isRefused: (bytes: Uint8Array) => boolean, run: () => void): void {
  const { decode } = TextDecoder.prototype
  TextDecoder.prototype.decode = function (this: TextDecoder, input, options) {
    if (isRefused(input as Uint8Array)) throw new TypeError("refused")
    return decode.call(this, input, options)
  }
  try {
    run()
  } finally {
    TextDecoder.prototype.decode = decode
  }
}
