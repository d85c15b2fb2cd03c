#!/usr/bin/env node
const least = 22

if (Number.parseInt(process.versions.node, 10) < least) {
  process.stderr.write(
    `bellmouth: Node.js ${least} or newer is needed, this is ${process.version}\n`,
  )
  process.exitCode = 1
} else {
  await import("../dist/main.js")
}
