import { expect, test } from 'vitest'
import { creditOf, withCredit } from './credits'

const TEXT = `tiers:
  platinum: {credit: 600, name: {en: Platinum}}
  gold: {credit: strict}
  iron:
    credit: 0
queues:
  sales: {platinum: 900}
  support:
    gold: {credit: 1}
`

test('a credit is read where it stands', () => {
  expect([creditOf(TEXT, 'platinum'), creditOf(TEXT, 'gold')]).toEqual(['600', 'strict'])
  expect([creditOf(TEXT, 'iron'), creditOf(TEXT, 'lead')]).toEqual([null, null])
})

test('nothing else changes', () => {
  expect(withCredit(TEXT, 'gold', '120')).toBe(TEXT.replace('strict', '120'))
  expect(withCredit(TEXT, 'lead', '120')).toBe(TEXT)
})
