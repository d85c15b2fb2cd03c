/** Whether piping with these options is piping with none: only then may a chain fuse. */
export function isPlain(options: StreamPipeOptions | undefined): boolean {
  return (
    options === undefined ||
    options === null ||
    !(options.signal || options.preventAbort || options.preventCancel || options.preventClose)
  )
}
