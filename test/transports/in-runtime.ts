import { transportConformance } from "@bellmouth/mux/testing"
import { chromiumSubjects } from "./chromium-subjects.ts"
import { portSubjects } from "./port-subjects.ts"
import type { RuntimeSubjects } from "./runtime-subjects.ts"
import { serverSubjects } from "./server-subjects.ts"

/** What became of one claim about one transport in this runtime. */
export interface TransportResult {
  readonly transport: string
  readonly claim: string
  readonly outcome: "passed" | "failed" | "skipped"
  readonly detail: string
}

/** Puts the claims of the suite to every transport that this runtime has. */
export async function main(
  emit: (value: TransportResult) => void,
  args: readonly string[],
): Promise<void> {
  const subjects: RuntimeSubjects = {
    ...portSubjects(),
    ...(await serverSubjects()),
    ...chromiumSubjects(args[0]),
  }
  for (const [transport, subject] of Object.entries(subjects)) {
    for (const { name: claim, run, skip } of transportConformance(subject)) {
      if (skip !== undefined) {
        emit({ transport, claim, outcome: "skipped", detail: skip })
        continue
      }
      try {
        await run()
        emit({ transport, claim, outcome: "passed", detail: "" })
      } catch (error) {
        emit({ transport, claim, outcome: "failed", detail: String(error) })
      }
    }
  }
}
