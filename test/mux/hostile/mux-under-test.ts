/** What the hostile scripts are played against, in one module: so it can be made with faults in it. */
export { connect, MuxError, Session } from "@bellmouth/mux"
export { ResumeAcceptor } from "@bellmouth/mux/resume"
export { asyncMethod, createClient, serveMethods } from "@bellmouth/mux/service"
