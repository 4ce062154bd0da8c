import { expect, it } from 'vitest'
import { leadsOutside, numberOf, sameNumber } from './state'

it.each([
  ['maria', ['102', 'support'], ''], // two fit: letters are no number
  ['maria', ['102'], '102'],
  ['Support', ['support', 'support-vip'], 'support'],
  ['10 5', ['105'], '105'],
  ['+44 20 7946-0018', [], '+442079460018'],
  ['.', [], ''],
  ['', ['102'], ''],
])('%s among %j is %s', (text, targets, number) => {
  expect(numberOf(text, targets)).toBe(number)
})

it.each([
  ['+442079460018', true],
  ['02079460018', true],
  ['105', false],
  ['support', false],
  ['*43', false],
])('%s leads out of the house: %s', (number, outside) => {
  expect(leadsOutside(number)).toBe(outside)
})

it.each([
  ['020 7946 0018', '+442079460018', true],
  ['+442079460018', '442079460018', true],
  ['102', '102', true],
  ['102', '1102', false],
  ['', '102', false],
])('%s and %s are one number: %s', (one, other, same) => {
  expect(sameNumber(one, other)).toBe(same)
})
