import { spawnSync } from "node:child_process"
import { mkdtempSync, rmdirSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import process from "node:process"

/** Whether system calls can be traced here. What is missing on a Linux machine is a failure. */
export const needsLinux: boolean = process.platform === "linux"

/**
 * Whether file systems can be mounted here. Without root they can not, and the tests that need it
 * are skipped; in continuous integration a root that can not mount is a failure.
 */
export const needsMounts: boolean =
  needsLinux && process.getuid?.() === 0 && (process.env["CI"] !== undefined || canMount())

function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), "bellmouth-mount-"))
  const [mount, unmount] = ["mount", "umount"]
  const isMounted = spawnSync(mount, ["-t", "tmpfs", "tmpfs", folder]).status === 0
  if (isMounted) spawnSync(unmount, [folder])
  rmdirSync(folder)
  return isMounted
}
