import { describe, expect, it } from 'vitest'
import type { QualityReport } from '@/api/quality'
import { trend } from './trend'

const figure = (value: number | null, n = 20) => ({ n, value, low: value, high: value })
const line = (from: number, group: string, calls: number, value: number | null) => ({
  from,
  until: from + 1,
  group,
  label: null,
  calls,
  score: figure(value, calls),
})

describe('lines of a report as series', () => {
  const told = {
    items: [line(2, 'b', 30, 70), line(1, 'a', 12, 80), line(2, 'a', 3, null)],
    question_steps: [{ from: 1, until: 2, scorecard: 's', item: 'x', answers: 12, reached: figure(0.5) }],
  } as unknown as QualityReport

  it('puts the group with most calls first, and gaps where there is nothing or too little', () => {
    const { times, series } = trend(
      told,
      'team',
      (group) => group ?? '–',
      () => '',
    )
    expect(times).toEqual([1, 2])
    expect(series.map((one) => one.name)).toEqual(['b', 'a'])
    expect(series[0]?.figures.map((one) => one?.value ?? null)).toEqual([null, 70])
    expect(series[1]?.figures.map((one) => one?.value ?? null)).toEqual([80, null])
  })

  it('puts questions on the scale of scores', () => {
    const { series } = trend(
      told,
      'question',
      () => '',
      (item) => item.item,
    )
    expect(series).toEqual([{ name: 'x', figures: [{ n: 20, value: 50, low: 50, high: 50 }] }])
  })
})
