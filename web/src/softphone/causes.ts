/** JsSIP's words for why a call ended, as its library has them and its types only declare; and what the agent is told. */
import type { Problem } from './state'

export const CAUSES = {
  BUSY: 'Busy',
  REJECTED: 'Rejected',
  UNAVAILABLE: 'Unavailable',
  NOT_FOUND: 'Not Found',
  ADDRESS_INCOMPLETE: 'Address Incomplete',
  NO_ANSWER: 'No Answer',
  CONNECTION_ERROR: 'Connection Error',
  REQUEST_TIMEOUT: 'Request Timeout',
  RTP_TIMEOUT: 'RTP Timeout',
} as const

const TOLD: Record<string, Problem> = {
  [CAUSES.BUSY]: 'busy',
  [CAUSES.REJECTED]: 'refused',
  [CAUSES.UNAVAILABLE]: 'noanswer',
  [CAUSES.NO_ANSWER]: 'noanswer',
  [CAUSES.NOT_FOUND]: 'notfound',
  [CAUSES.ADDRESS_INCOMPLETE]: 'notfound',
}

/** Of a call out that came to nothing. */
export function problemOf(cause: string): Problem {
  return TOLD[cause] ?? 'failed'
}
