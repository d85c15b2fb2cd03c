export {
  type AcceptOptions,
  ResumeAcceptor,
  type ResumeAcceptorOptions,
} from "./resume-acceptor.ts"
export { type ResumableOptions, resumable } from "./resume-connector.ts"
export type { ResumeOptions } from "./resume-options.ts"
