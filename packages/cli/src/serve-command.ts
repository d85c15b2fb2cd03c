import { once } from "node:events"
import { basename, resolve } from "node:path"
import { openFsLog } from "@bellmouth/log-fs"
import { serve } from "@bellmouth/node"
import { type Command, exitCodes } from "./command.ts"
import { createLiveHandler } from "./live-handler.ts"
import { loopbackHosts } from "./loopback-hosts.ts"
import { readArguments } from "./read-arguments.ts"
import { UsageError } from "./usage-error.ts"

const defaultPort = 4437

export const serveCommand: Command = {
  summary: "serve a log over HTTP, with a page that shows it live",
  help: `Usage: bellmouth serve <folder> [options]

Serves the log until Ctrl-C: a live page at /, the records at /events as
Server-Sent Events, NDJSON or JSON. It only reads the folder; another process
may append to it meanwhile.

  --port <n>     listen on this port, 0 for any free one (default ${defaultPort})
  --host <name>  listen on this address (default 127.0.0.1, this machine only)
  -h, --help     show this

There is no authorization: with another --host than this machine's, everybody
who can reach it can read the log.

  bellmouth serve ./log --port 8080
  curl -N -H 'accept: text/event-stream' http://127.0.0.1:8080/events`,

  async run(args, context) {
    const options = readArguments(args, { port: { type: "string" }, host: { type: "string" } })
    const port = options.number("port", 0) ?? defaultPort
    if (port > 65_535) throw new UsageError(`--port ${port} is not a port: the last one is 65535`)
    const hostname = options.text("host") ?? "127.0.0.1"
    if (hostname === "") throw new UsageError("--host is empty: give an address, or leave it out")
    const title = basename(resolve(options.directory))

    await using log = await openFsLog(options.directory, { mode: "read" })
    const hosts = await loopbackHosts(hostname)
    const handler = await createLiveHandler(log, { title, ...(hosts ? { hosts } : {}) })
    await using server = await serve(handler, { port, hostname })
    context.report(`Serving ${options.directory} at ${server.url} (records at ${server.url}events)`)
    if (!context.signal.aborted) await once(context.signal, "abort")
    return exitCodes.ok
  },
}
