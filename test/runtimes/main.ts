import { runMain } from "../../scripts/main.ts"
import { runtimesStep } from "./step.ts"

// `npm run test:runtimes -- deno bun` runs some of the environments.
await runMain([runtimesStep(process.argv.slice(2))])
