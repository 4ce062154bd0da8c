import { describe, expect, it } from 'vitest'
import type { AgentFloor, Floor, QueueFloor, StreamMessage, WaitingCaller } from '@/api/types'
import { changedFloor } from './floor-change'
import { NOTHING_YET, received } from './reducer'

const caller = (uniqueid: string, position: number, queue = 'support') =>
  ({ pbx: 'pbx', uniqueid, call: `pbx:${uniqueid}`, queue, position }) as WaitingCaller
const agent = (id: string, state = 'ready') =>
  ({ pbx: 'pbx', agent: id, state, name: `Agent ${id}` }) as AgentFloor
const queue = (name: string, waiting: number) =>
  ({
    queue: name,
    waiting,
    tiers: { gold: { waiting, offered: 5 }, iron: { waiting: 0 } },
  }) as unknown as QueueFloor

const before = {
  at: 1,
  pbx: {},
  tiles: { waiting: 3, answered: 9 },
  queues: [queue('support', 2), queue('sales', 1)],
  waiting: [caller('a', 1), caller('b', 2), caller('s', 1, 'sales')],
  agents: [agent('101'), agent('102')],
  trend: [{ from: 900, queue: null, offered: 1 }],
  ledger: false,
  verified_until: null,
  gap_since: null,
} as unknown as Floor

describe('a change laid over the picture before', () => {
  it('takes out, puts in at its place and counts positions anew', () => {
    const change = { waiting: { gone: ['pbx a'], new: [[1, caller('c', 9) as never]] as [number, never][] } }
    const after = changedFloor(before, change, 2)
    expect(after.waiting.map((row) => `${row.uniqueid} ${row.position}`)).toEqual(['b 1', 'c 2', 's 1'])
    expect(after.at).toBe(2)
  })

  it('keeps the identity of rows and lists that did not change', () => {
    const after = changedFloor(before, { agents: { set: { 'pbx 102': { state: 'busy' } } } }, 2)
    expect(after.agents[0]).toBe(before.agents[0])
    expect(after.agents[1]).toEqual({ ...before.agents[1], state: 'busy' })
    expect(after.waiting).toBe(before.waiting)
  })

  it('reorders', () => {
    const order = ['pbx b', 'pbx a', 'pbx s']
    const after = changedFloor(before, { waiting: { order } }, 2)
    expect(after.waiting.map((row) => `${row.uniqueid} ${row.position}`)).toEqual(['b 1', 'a 2', 's 1'])
  })

  it('lays tiles and tiers over field by field, and finds the quarter of all queues', () => {
    const after = changedFloor(
      before,
      {
        fields: { tiles: { waiting: 4 }, gap_since: 7 },
        queues: { set: { support: { waiting: 3, tiers: { gold: { waiting: 3 } } } } },
        trend: { set: { ' 900': { offered: 2 } } },
      },
      2,
    )
    expect(after.tiles).toEqual({ waiting: 4, answered: 9 })
    expect(after.gap_since).toBe(7)
    expect(after.queues[0]?.tiers).toEqual({ gold: { waiting: 3, offered: 5 }, iron: { waiting: 0 } })
    expect(after.trend[0]?.offered).toBe(2)
  })
})

describe('numbered changes', () => {
  const whole: StreamMessage = { type: 'floor', seq: 1, number: 4, floor: before }
  const change = (number: number): StreamMessage => ({
    type: 'floor_change',
    seq: 1,
    number,
    at: number,
    change: { fields: { tiles: { waiting: number } } },
  })

  it('are taken in order', () => {
    const state = [whole, change(5), change(6)].reduce(received, NOTHING_YET)
    expect([state.floorNumber, state.floor?.tiles.waiting]).toEqual([6, 6])
  })

  it('are left alone when one is missing, until the whole comes', () => {
    const state = [whole, change(6), change(7)].reduce(received, NOTHING_YET)
    expect([state.floorNumber, state.floor?.tiles.waiting]).toEqual([null, 3])
    expect(received(state, { ...whole, number: 8 }).floorNumber).toBe(8)
  })
})
