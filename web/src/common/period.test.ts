import { expect, it } from 'vitest'
import { periodBounds } from './period'

const noon = new Date(2026, 4, 15, 12, 30, 20).getTime() / 1000

it('asks for whole minutes, so that a page asks the same twice', () => {
  expect(periodBounds('hour', '', '', noon)).toEqual({ from: noon - 20 - 3600 })
})

it('begins today at local midnight', () => {
  expect(periodBounds('today', '', '', noon)).toEqual({ from: new Date(2026, 4, 15).getTime() / 1000 })
})

it('takes chosen days as a whole, both included', () => {
  expect(periodBounds('own', '2026-05-01', '2026-05-02', noon)).toEqual({
    from: new Date(2026, 4, 1).getTime() / 1000,
    until: new Date(2026, 4, 3).getTime() / 1000,
  })
  expect(periodBounds('own', 'soon', '', noon)).toEqual({})
  expect(periodBounds('all', '', '', noon)).toEqual({})
})
