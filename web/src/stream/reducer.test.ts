import { describe, expect, it } from 'vitest'
import type { Floor, Pop, PopState, StreamMessage } from '@/api/types'
import { dismissed, type LiveState, NOTHING_YET, parse, received, resumeFrom, swept } from './reducer'

const pop = (id: string, state: PopState = 'ringing'): Pop => ({
  id,
  call: `pbx:${id}`,
  agent: '101',
  state,
  reason: '',
  at: 1000,
  known: true,
  tier: 'gold',
  tier_source: 'customer',
  tier_reason: null,
  dialled: null,
  promised_at: null,
  matters: [],
  satisfaction: { score: 5, scale: 5, low: false, answered_at: 900, comment: '' },
  callee: null,
  customer: null,
  name: null,
  number: null,
  queue: 'support',
  waited_seconds: 4,
  position_note: null,
  passed_by: null,
  contacts: [],
  unreadable: false,
})
const floor = (at: number, waiting: Floor['waiting'] = []): Floor => ({
  at,
  pbx: {},
  tiles: {} as Floor['tiles'],
  queues: [],
  waiting,
  agents: [],
  trend: [],
  ledger: false,
  verified_until: null,
  gap_since: null,
})
const told = (...messages: StreamMessage[]): LiveState => messages.reduce(received, NOTHING_YET)
const shown = (state: LiveState) => state.pops.map((each) => `${each.id} ${each.state}`)

describe('pops', () => {
  it('stands once, however often it is told', () => {
    const state = told({ type: 'pop', seq: 1, pop: pop('a') }, { type: 'pop', seq: 2, pop: pop('a') })
    expect(shown(state)).toEqual(['a ringing'])
  })

  it('changes in place', () => {
    const state = told(
      { type: 'pop', seq: 1, pop: pop('a') },
      { type: 'pop', seq: 2, pop: pop('a', 'answered') },
    )
    expect(shown(state)).toEqual(['a answered'])
  })

  it('does not push down the one that is being read', () => {
    const state = told(
      { type: 'pop', seq: 1, pop: pop('a', 'answered') },
      { type: 'pop', seq: 2, pop: pop('b') },
      { type: 'pop', seq: 3, pop: pop('c') },
    )
    expect(shown(state)).toEqual(['a answered', 'c ringing', 'b ringing'])
  })

  it('does not appear when it was over before this page knew of it', () => {
    expect(shown(told({ type: 'pop', seq: 1, pop: pop('a', 'withdrawn') }))).toEqual([])
  })

  it('comes back after a reload while the work after the call lasts, unless it was put away', () => {
    const last: StreamMessage = { type: 'pop', seq: 1, pop: { ...pop('a', 'ended'), restored: true } }
    const state = told(last)
    expect(shown(state)).toEqual(['a ended'])
    expect(shown(received(dismissed(state, 'a'), last))).toEqual([])
    expect(shown(received(told({ type: 'pop', seq: 1, pop: pop('a', 'answered') }), last))).toEqual([
      'a ended',
    ])
  })

  it('keeps what the site’s own program offers for a ring', () => {
    const offer = { pop: 'a', at: 1000, url: 'https://crm.example/1' }
    const message = parse(JSON.stringify({ type: 'pop_action', seq: 1, ...offer }))
    expect(message && told(message).offers).toEqual([offer])
  })

  it('clears finished cards when the next call rings, never open ones', () => {
    const state = told(
      { type: 'pop', seq: 1, pop: pop('a') },
      { type: 'pop', seq: 2, pop: pop('b') },
      { type: 'pop', seq: 3, pop: pop('a', 'ended') },
      { type: 'pop', seq: 4, pop: pop('c') },
    )
    expect(shown(state)).toEqual(['c ringing', 'b ringing'])
  })

  it('comes back when the agent is rung again for the same call', () => {
    const state = told(
      { type: 'pop', seq: 1, pop: pop('a') },
      { type: 'pop', seq: 2, pop: pop('a', 'withdrawn') },
      { type: 'pop', seq: 3, pop: pop('a') },
    )
    expect(shown(state)).toEqual(['a ringing'])
    expect(shown(dismissed(state, 'a'))).toEqual([])
  })
})

describe('coming back after a lost connection', () => {
  it('asks from the last number seen, and from the start when the server numbers anew', () => {
    expect(resumeFrom(40, 55)).toBe(40)
    expect(resumeFrom(40, 3)).toBe(0)
  })

  it('remembers the highest number, not the latest', () => {
    const state = told(
      { type: 'hello', seq: 5 },
      { type: 'floor', seq: 9, number: 9, floor: floor(1) },
      { type: 'pop', seq: 7, pop: pop('a') },
    )
    expect(state.lastSeen).toBe(9)
    expect(received(state, { type: 'hello', seq: 2 }).lastSeen).toBe(0)
  })

  it('drops the pops that ended meanwhile, keeps those told again', () => {
    const state = told({ type: 'pop', seq: 1, pop: pop('a') }, { type: 'pop', seq: 2, pop: pop('b') })
    expect(shown(swept(state, new Set(['b']), 'ready'))).toEqual(['b ringing'])
  })

  it('takes no card from an agent who is in a call', () => {
    const state = told({ type: 'pop', seq: 1, pop: pop('a', 'ringing') })
    expect(shown(swept(state, new Set(), 'busy'))).toEqual(['a ringing'])
  })
})

describe('the floor', () => {
  it('keeps the identity of rows that did not change', () => {
    const row = (call: string) => ({ call, queue: 'sales' }) as Floor['waiting'][number]
    const first = told({ type: 'floor', seq: 1, number: 1, floor: floor(1, [row('x'), row('y')]) })
    const second = received(first, {
      type: 'floor',
      seq: 2,
      number: 2,
      floor: floor(2, [row('x'), row('z')]),
    })
    expect(second.floor?.waiting[0]).toBe(first.floor?.waiting[0])
    expect(second.floor?.waiting[1]).not.toBe(first.floor?.waiting[1])
    expect(second.floor?.at).toBe(2)
  })
})

describe('words from outside', () => {
  it('takes only messages it knows', () => {
    expect(parse('{"type":"hello","seq":1}')).toEqual({ type: 'hello', seq: 1 })
    for (const bad of ['', '{', 'null', '[]', '"pop"', '{"type":"surprise"}', 42])
      expect(parse(bad)).toBeNull()
  })
})
