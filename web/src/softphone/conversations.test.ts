import { describe, expect, it } from 'vitest'
import { Conversations } from './conversations'
import type { PhoneCall } from './state'

const NOW = 1_000_000
const line = (id: string, secondsAgo: number | null): PhoneCall => ({
  id,
  incoming: true,
  phase: secondsAgo === null ? 'calling' : 'talking',
  name: '',
  number: '',
  muted: false,
  held: false,
  answering: false,
  answeredAt: secondsAgo === null ? null : NOW - secondsAgo * 1000,
})
const customer = line('line-1', 60)
const colleague = line('line-2', 20)

/** The customer, then a colleague who is asked, as the page hears of them. */
function consulting(): Conversations {
  const seen = new Conversations()
  seen.see([customer], null)
  seen.see([customer], 'pbx:1')
  seen.see([line('line-2', null), customer], 'pbx:1')
  seen.see([colleague, customer], 'pbx:2')
  return seen
}

describe('how a conversation sounded', () => {
  it('is told of the call it was', () => {
    const seen = new Conversations()
    seen.see([customer], 'pbx:1')
    expect(seen.ended(60, NOW)).toBe('pbx:1')
  })

  it('is the customer’s when he is put through to the colleague, whichever line ends first', () => {
    const seen = consulting()
    expect(seen.ended(20, NOW)).toBeNull()
    expect(seen.ended(60, NOW)).toBe('pbx:1')
  })

  it('is the customer’s after the agent came back from the colleague', () => {
    const seen = consulting()
    expect(seen.ended(20, NOW)).toBeNull()
    seen.see([customer], 'pbx:1')
    expect(seen.ended(60, NOW)).toBe('pbx:1')
  })

  it('is the customer’s after a reload that took the colleague’s line up first', () => {
    const seen = new Conversations()
    seen.see([colleague], 'pbx:1')
    seen.see([customer, colleague], 'pbx:1')
    expect(seen.ended(20, NOW)).toBeNull()
    seen.see([customer], 'pbx:1')
    expect(seen.ended(60, NOW)).toBe('pbx:1')
  })

  it('is not told of the call before', () => {
    const seen = new Conversations()
    seen.see([customer], 'pbx:1')
    seen.ended(60, NOW)
    const next = line('line-3', 5)
    seen.see([next], 'pbx:1')
    expect(seen.ended(5, NOW)).toBeNull()
  })
})
