/** Waits of the live connection and the difference between the server's clock and this one. Pure. */

const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 15_000
export const PING_EVERY_MS = 15_000
export const SILENCE_MS = 40_000

/** Doubling with jitter, so that a restarted server is not met by everyone at once. `luck` is 0..1. */
export function backOff(failures: number, luck: number): number {
  const full = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(failures, 10))
  return Math.round(full * (0.5 + luck / 2))
}

/**
 * Server time minus local time in seconds. A message is always late, never early, so the largest
 * difference is the truest; a jump means that one of the clocks was set.
 */
export function clockDifference(known: number | null, serverAt: number, localAt: number): number {
  const difference = serverAt - localAt
  if (known === null || Math.abs(difference - known) > 5) return difference
  return Math.max(known, difference)
}
