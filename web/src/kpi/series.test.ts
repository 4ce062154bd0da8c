import { expect, it } from 'vitest'
import type { KpiRow } from '@/api/types'
import { series } from './series'

const row = (from: number, group: string | null = null) => ({ from, group }) as KpiRow

it('shows the quiet intervals between busy ones', () => {
  const { times, rows } = series([row(7200), row(0)], 3600)
  expect(times).toEqual([0, 3600, 7200])
  expect(rows.get('')?.map((cell) => cell?.from ?? null)).toEqual([0, null, 7200])
})

it('keeps groups apart on one axis', () => {
  const { groups, rows } = series([row(0, 'sales'), row(900, 'support')], 900)
  expect(groups).toEqual(['sales', 'support'])
  expect(rows.get('support')?.map((cell) => cell !== null)).toEqual([false, true])
})

it('does not invent days, whose lengths differ', () => {
  expect(series([row(0), row(86_400 * 3 - 3600)], 86_400).times).toEqual([0, 86_400 * 3 - 3600])
})
