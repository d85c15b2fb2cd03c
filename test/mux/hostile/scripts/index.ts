import type { Script } from "../script.ts"
import { floodScripts } from "./floods.ts"
import { helloScripts } from "./hello.ts"
import { memoryScripts } from "./memory.ts"
import { ruleScripts } from "./rules.ts"

export const scripts: readonly Script[] = [
  ...helloScripts,
  ...ruleScripts,
  ...floodScripts,
  ...memoryScripts,
]
