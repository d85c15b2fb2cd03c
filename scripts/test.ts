import { runtimesStep } from "../test/runtimes/step.ts"
import { checkSteps } from "./check-steps.ts"
import { runMain } from "./main.ts"
import { vitestStep } from "./vitest-step.ts"

const LONG_TIMEOUT_MS = 45 * 60_000

await runMain([...checkSteps, runtimesStep(), vitestStep("long", LONG_TIMEOUT_MS)])
