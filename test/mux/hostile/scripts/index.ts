import type { Script } from "../script.ts"
import { crowdScripts } from "./crowd.ts"
import { floodScripts } from "./floods.ts"
import { helloScripts } from "./hello.ts"
import { memoryScripts } from "./memory.ts"
import { resumeScripts } from "./resume.ts"
import { ruleScripts } from "./rules.ts"
import { serverScripts } from "./servers.ts"
import { textScripts } from "./texts.ts"
import { waitingScripts } from "./waiting.ts"

export const scripts: readonly Script[] = [
  ...helloScripts,
  ...ruleScripts,
  ...floodScripts,
  ...memoryScripts,
  ...waitingScripts,
  ...serverScripts,
  ...textScripts,
  ...crowdScripts,
  ...resumeScripts,
]
