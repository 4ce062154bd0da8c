import { describe, expect, it } from 'vitest'
import type { AgentFloor, Floor, QueueFloor } from '@/api/types'
import { calm, chosen, totals, turn } from './figures'

const queue = (name: string, waiting: number, since: number | null, target = 20) =>
  ({
    queue: name,
    waiting,
    longest_since: since,
    answered: 10,
    abandoned: 2,
    agents_ready: 4,
    agents_busy: 2,
    agents_on: 1,
    service_level: 0.8,
    answer_rate: 0.9,
    tiers: { gold: { waiting, longest_since: since, target_seconds: target } },
  }) as unknown as QueueFloor

const floor = {
  tiles: {
    waiting: 3,
    answered: 31,
    abandoned: 5,
    service_level: 0.7,
    answer_rate: 0.85,
    agents_ready: 2,
    agents_on: 3,
  },
  queues: [queue('support', 2, 100), queue('sales', 1, 90), queue('billing', 0, null)],
  agents: [
    { state: 'ready', queues: ['support', 'sales'] },
    { state: 'busy', queues: ['sales'] },
    { state: 'ready', queues: ['billing'] },
  ] as unknown as AgentFloor[],
} as unknown as Floor

describe('which queues', () => {
  it('are all, or those named in that order, and says which are not there', () => {
    expect(chosen(floor, '').queues).toHaveLength(3)
    const some = chosen(floor, 'sales, support,sales,nowhere')
    expect(some.queues.map((one) => one.queue)).toEqual(['sales', 'support'])
    expect(some.unknown).toEqual(['nowhere'])
  })
})

describe('totals', () => {
  it('are the floor’s own when all are shown', () => {
    expect(totals(floor, chosen(floor, ''))).toMatchObject({
      waiting: 3,
      answered: 31,
      longest_since: 90,
      ready: 2,
    })
    expect(totals(floor, chosen(floor, '')).rates?.service_level).toBe(0.7)
  })

  it('count an agent of two queues once, and give no rate that nobody computed', () => {
    const told = totals(floor, chosen(floor, 'support,sales'))
    expect(told).toMatchObject({ waiting: 3, answered: 20, abandoned: 4, ready: 1, busy: 1, rates: null })
    expect(totals(floor, chosen(floor, 'sales')).rates?.answer_rate).toBe(0.9)
  })

  it('count the whole house’s agents or none, when a viewer sees those of his team alone', () => {
    const bound = { ...floor, agents: floor.agents.slice(0, 1), tiles: { ...floor.tiles, agents_ready: 9 } }
    expect(totals(bound, chosen(bound, ''))).toMatchObject({ ready: 9, busy: null })
    expect(totals(bound, chosen(bound, 'sales'))).toMatchObject({ ready: 4, busy: 2 })
    expect(totals(bound, chosen(bound, 'support,billing'))).toMatchObject({ ready: null, busy: null })
  })
})

it('is over target when one tier’s caller has waited longer than that tier may', () => {
  expect(calm(queue('a', 0, null), 500)).toBe('calm')
  expect(calm(queue('a', 1, 100), 120)).toBe('within')
  expect(calm(queue('a', 1, 100), 121)).toBe('beyond')
})

it('turns pages of equal length by the clock', () => {
  const rows = [1, 2, 3, 4, 5, 6, 7]
  expect(turn(rows, 6, 0, 12)).toEqual({ page: 1, pages: 2, rows: [1, 2, 3, 4] })
  expect(turn(rows, 6, 12, 12)).toEqual({ page: 2, pages: 2, rows: [5, 6, 7] })
  expect(turn(rows, 6, 24, 12).page).toBe(1)
  expect(turn([], 6, 24, 12)).toEqual({ page: 1, pages: 1, rows: [] })
})
