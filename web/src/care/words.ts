/** States, in the groups and the colours the page shows them in. */
import type { Tone } from '@/common/word-badge'

export type Kind = 'callbacks' | 'rescues'
export type Stage = 'open' | 'ended'

export const STATES: Record<Kind, Record<Stage, string[]>> = {
  callbacks: {
    open: ['offered', 'waiting', 'claimed', 'ringing_agent', 'ringing_customer', 'talking'],
    ended: ['kept', 'failed', 'expired', 'cancelled', 'handed_over'],
  },
  rescues: {
    open: ['open', 'claimed', 'calling', 'not_reachable'],
    ended: ['reached', 'came_back', 'closed'],
  },
}

export const TONES: Record<string, Tone> = {
  kept: 'good',
  reached: 'good',
  came_back: 'good',
  handed_over: 'good',
  talking: 'accent',
  calling: 'accent',
  ringing_agent: 'accent',
  ringing_customer: 'accent',
  failed: 'bad',
  expired: 'bad',
  not_reachable: 'warn',
}
