import { runSteps, type Step } from "./step.ts"

/** Runs steps as a command: prints to standard output, and exits with 1 when anything failed. */
export async function runMain(steps: readonly Step[]): Promise<void> {
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130))
  const ok = await runSteps(steps, (line) => process.stdout.write(`${line}\n`))
  process.exitCode = ok ? 0 : 1
}
