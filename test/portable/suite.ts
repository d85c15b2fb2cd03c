/** A test that needs nothing but the standard: it fails by throwing. */
export type PortableTest = () => void | Promise<void>

/** Claims that must hold in every runtime. */
export interface PortableSuite {
  readonly name: string
  /** The claim, and the code that shows it. */
  readonly tests: Readonly<Record<string, PortableTest>>
}

/** How one test ended. */
export interface PortableResult {
  readonly suite: string
  readonly test: string
  readonly outcome: "passed" | "failed" | "skipped"
  /** The error with its stack, or the reason for the skip. */
  readonly detail: string
}

/** The most milliseconds that one test may take. */
const TEST_TIMEOUT_MS = 90_000

class Skip extends Error {}

/** Ends a test that this runtime can not take. */
export function skip(reason: string): never {
  throw new Skip(reason)
}

/** Runs the tests of a suite one after the other. Never rejects. */
export async function runSuite(suite: PortableSuite): Promise<PortableResult[]> {
  const results: PortableResult[] = []
  for (const [test, run] of Object.entries(suite.tests)) {
    results.push({ suite: suite.name, test, ...(await runTest(run)) })
  }
  return results
}

async function runTest(run: PortableTest): Promise<Pick<PortableResult, "outcome" | "detail">> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    const fail = () => reject(new Error(`It did not end within ${TEST_TIMEOUT_MS} ms`))
    timer = setTimeout(fail, TEST_TIMEOUT_MS)
  })
  try {
    await Promise.race([run(), late])
    return { outcome: "passed", detail: "" }
  } catch (error) {
    if (error instanceof Skip) return { outcome: "skipped", detail: error.message }
    return { outcome: "failed", detail: describe(error) }
  } finally {
    clearTimeout(timer)
  }
}

/** The message and the stack: some runtimes leave the message out of the stack. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { message, stack = "" } = error
  return stack.includes(message) ? stack : `${message}\n${stack}`
}
