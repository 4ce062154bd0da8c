import { expect, it } from 'vitest'
import { backOff, clockDifference } from './timing'

it('waits longer after each failure, never past the limit, never all at once', () => {
  expect([0, 1, 2, 3].map((failures) => backOff(failures, 1))).toEqual([500, 1000, 2000, 4000])
  expect(backOff(60, 1)).toBe(15_000)
  expect(backOff(2, 0)).toBe(1000)
})

it('trusts the message that travelled fastest, and a clock that was set', () => {
  expect(clockDifference(null, 100, 90)).toBe(10)
  expect(clockDifference(10, 100.2, 90.5)).toBe(10) // half a second late
  expect(clockDifference(10, 101, 90.8)).toBeCloseTo(10.2)
  expect(clockDifference(10, 190, 90)).toBe(100)
})
