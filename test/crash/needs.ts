import process from "node:process"

/** Whether system calls can be traced here: in continuous integration they have to be. */
export const needsLinux: boolean = process.platform === "linux"
