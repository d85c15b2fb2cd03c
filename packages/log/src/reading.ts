import { LogError } from "./log-error.ts"

/**
 * Reads from the storage of a log.
 *
 * @throws {LogError} what it fails with.
 */
export async function reading<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    throw toReadError(error)
  }
}

/** What a read has failed with: `READ_FAILED`, unless the storage says more itself. */
export function toReadError(error: unknown): LogError {
  if (error instanceof LogError) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new LogError("READ_FAILED", `Cannot read the log: ${reason}`, { cause: error })
}
