import type { AppendInput, AppendOptions, Log, ReplayOptions } from "@bellmouth/log"

/** Appends chunks, each in a commit of its own. */
export async function appendEach(
  log: Log,
  chunks: readonly (AppendInput | string)[],
  options: AppendOptions = {},
): Promise<void> {
  const { readable, writable } = log.append(options)
  const [writer, reader] = [writable.getWriter(), readable.getReader()]
  writer.closed.catch(() => {})
  for (const chunk of chunks) {
    const written = writer.write(typeof chunk === "string" ? Buffer.from(chunk) : chunk)
    written.catch(() => {})
    await reader.read()
  }
  await writer.close()
}

export async function texts(log: Log, options: ReplayOptions = {}): Promise<string[]> {
  const all: string[] = []
  for await (const { data } of log.replay(options)) all.push(Buffer.from(data).toString())
  return all
}

/** Texts that can be told apart: `from` to `until`. */
export function numbered(from: number, until: number): string[] {
  return Array.from({ length: until - from }, (_, n) => `record ${from + n}`)
}
