import { checkSteps } from "./check-steps.ts"
import { runMain } from "./main.ts"

await runMain(checkSteps)
