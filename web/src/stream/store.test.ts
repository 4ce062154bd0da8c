import { describe, expect, it } from 'vitest'
import type { Floor } from '@/api/types'
import { LiveStore } from './store'

const floor = (at: number) => ({ at, queues: [], waiting: [], agents: [], trend: [] }) as unknown as Floor

describe('a floor fetched while the stream is away', () => {
  it('is shown only when it is newer: what was fetched in an earlier outage is not the floor of now', () => {
    const store = new LiveStore('ws://tierline/stream', null, () => {})
    const outage = floor(Date.now() / 1000 - 7200)
    store.feed(outage)
    expect(store.snapshot().floor?.at).toBe(outage.at)
    const later = floor(Date.now() / 1000)
    store.feed(later)
    const now = store.now()
    store.feed(outage) // still held from then, told again by the second outage
    expect(store.snapshot().floor?.at).toBe(later.at)
    expect(Math.abs(store.now() - now)).toBeLessThan(60)
  })
})
