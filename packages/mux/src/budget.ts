/** Bytes that all channels of a session share. */
export class Budget {
  /** What is left; below 0 when more was taken than there was. */
  free: number

  constructor(bytes: number) {
    this.free = bytes
  }

  /** Takes so much if there is so much. */
  reserve(bytes: number): boolean {
    if (bytes > this.free) return false
    this.free -= bytes
    return true
  }

  /** Gives back so much; below 0 it takes, whether there is room or not. */
  release(bytes: number): void {
    this.free += bytes
  }
}
