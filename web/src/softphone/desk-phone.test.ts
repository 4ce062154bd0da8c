import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ApiError, api } from '@/api/client'
import type { OwnCall } from '@/api/types'
import { DeskPhone, shown } from './desk-phone'

const CALL: OwnCall = {
  call: 'p:1',
  state: 'talking',
  company: 'one',
  number: '+442079460018',
  name: 'Anna',
  made: false,
  since: 1000,
  recorded: false,
  paused_since: null,
}
let at: OwnCall[]
let refused: unknown[]
let phone: DeskPhone

beforeEach(() => {
  vi.useFakeTimers()
  at = [CALL]
  refused = []
  vi.spyOn(api, 'ownCalls').mockImplementation(async () => ({ items: at, total: at.length }))
  phone = new DeskPhone({
    refused: (error) => refused.push(error),
    ahead: () => 0,
    nameOf: (call) => (call === 'p:2' ? 'Wang Lihua' : ''),
  })
})
afterEach(() => {
  phone.stop()
  vi.useRealTimers()
  vi.restoreAllMocks()
})

it.each([
  [[], { call: null, other: null, conference: false }],
  [
    [{ ...CALL, state: 'ringing', since: null }],
    { call: { phase: 'ringing', incoming: true, answeredAt: null }, other: null },
  ],
  [[CALL], { call: { phase: 'talking', held: false, answeredAt: 990_000 }, other: null }],
  [[{ ...CALL, state: 'held' }], { call: { phase: 'talking', held: true } }],
  [
    [{ ...CALL, company: 'consulted' }],
    { call: { number: '102', held: false }, other: { name: 'Anna', held: true }, conference: false },
  ],
  [[{ ...CALL, company: 'both' }], { call: { name: 'Anna' }, other: { number: '102' }, conference: true }],
] as [OwnCall[], object][])('%j is shown', (items, state) => {
  expect(shown(items, '102', 10)).toMatchObject(state)
})

it('is asked again now and then while a call lasts, and no longer', async () => {
  await phone.look()
  expect(phone.snapshot().call?.name).toBe('Anna')
  at = []
  await vi.advanceTimersByTimeAsync(15_100)
  expect(phone.snapshot().call).toBeNull()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(api.ownCalls).toHaveBeenCalledTimes(2)
})

it('is told by the stream, and asked often only while a third one may come or go', async () => {
  vi.spyOn(api, 'press').mockResolvedValue(undefined)
  const { company: _, ...told } = CALL
  phone.told([told])
  await vi.advanceTimersByTimeAsync(14_000)
  expect(phone.snapshot().call?.name).toBe('Anna')
  expect(api.ownCalls).not.toHaveBeenCalled()
  void phone.join()
  at = [{ ...CALL, company: 'both' }]
  await vi.advanceTimersByTimeAsync(60_000)
  expect(phone.snapshot().conference).toBe(true)
  expect(vi.mocked(api.ownCalls).mock.calls.length).toBeGreaterThan(20)
  phone.told([{ ...told, number: '+442079460019' }])
  expect(phone.snapshot().conference).toBe(true) // the stream knows nothing of the third one
  phone.told([])
  expect(phone.snapshot().call).toBeNull()
})

it('asks again when the stream told something while it asked', async () => {
  let answer: (page: { items: OwnCall[]; total: number }) => void = () => undefined
  vi.mocked(api.ownCalls).mockImplementationOnce(() => new Promise((done) => (answer = done)))
  const asking = phone.look()
  phone.told([])
  at = []
  answer({ items: [CALL], total: 1 })
  await asking
  expect(phone.snapshot().call).toBeNull()
})

it('hangs up on whoever is asked first, and on the customer only by another press', async () => {
  const press = vi.spyOn(api, 'press').mockResolvedValue(undefined)
  at = [{ ...CALL, company: 'consulted' }]
  await phone.look()
  phone.hangUp()
  phone.hangUp()
  at = [CALL]
  await vi.advanceTimersByTimeAsync(1000)
  phone.hangUp()
  expect(press.mock.calls).toEqual([['retrieve'], ['clear']])
})

it('knows the customer by the card', async () => {
  at = [{ ...CALL, call: 'p:2' }]
  await phone.look()
  expect(phone.snapshot().call?.name).toBe('Wang Lihua')
})

it('tells what the server says no to', async () => {
  const no = new ApiError(409, 'lift its handset', 'NotPossibleNow')
  vi.spyOn(api, 'press').mockRejectedValue(no)
  await phone.answer()
  expect(refused).toEqual([no])
})

it('dials keys in the order of their pressing, however long one takes', async () => {
  const taken: string[] = []
  const tones = vi.spyOn(api, 'tones').mockImplementation(async (keys) => {
    await new Promise((done) => setTimeout(done, keys === '1' ? 500 : 10))
    taken.push(keys)
  })
  for (const key of '120#') phone.tone(key)
  await vi.advanceTimersByTimeAsync(2000)
  expect(taken.join('')).toBe('120#')
  tones.mockRejectedValueOnce(new ApiError(409, 'You talk to nobody.', 'NotPossibleNow'))
  for (const key of '34') phone.tone(key)
  await vi.advanceTimersByTimeAsync(2000)
  phone.tone('5')
  await vi.advanceTimersByTimeAsync(2000)
  expect(taken.join('')).toBe('120#5') // what was refused is not dialled into the next call
  expect(refused).toHaveLength(1)
})
