/*
 * Takes from this runtime what some browser lacks, before anything else is loaded: Chromium has no
 * `ReadableStream.from`; Safari no async iteration, no `min` and no transfer; neither calls
 * `transformer.cancel`.
 */
const Native = globalThis.TransformStream

class DeafTransformStream<I, O> extends Native<I, O> {
  constructor(
    transformer?: Transformer<I, O>,
    writableStrategy?: QueuingStrategy<I>,
    readableStrategy?: QueuingStrategy<O>,
  ) {
    super(withoutCancel(transformer), writableStrategy, readableStrategy)
  }
}

function withoutCancel<I, O>(transformer: Transformer<I, O> | undefined): Transformer<I, O> {
  const { start, transform, flush } = transformer ?? {}
  return {
    ...(start && { start: start.bind(transformer) }),
    ...(transform && { transform: transform.bind(transformer) }),
    ...(flush && { flush: flush.bind(transformer) }),
  }
}

globalThis.TransformStream = DeafTransformStream
Reflect.deleteProperty(ReadableStream, "from")
Reflect.deleteProperty(ReadableStream.prototype, Symbol.asyncIterator)
Reflect.deleteProperty(ReadableStream.prototype, "values")
Reflect.deleteProperty(ArrayBuffer.prototype, "transfer")

const byobReader = ReadableStreamBYOBReader.prototype
const readWithoutOptions = new Proxy(Reflect.get(byobReader, "read"), {
  apply: (read, reader, [view]) => Reflect.apply(read, reader, [view]),
})
Reflect.set(byobReader, "read", readWithoutOptions)

const clone = globalThis.structuredClone
Reflect.set(
  globalThis,
  "structuredClone",
  (value: unknown, options?: StructuredSerializeOptions) => {
    for (const each of options?.transfer ?? []) {
      if (!(each instanceof ArrayBuffer)) throw new DOMException("no transfer", "DataCloneError")
    }
    return clone(value, options)
  },
)

export {}
