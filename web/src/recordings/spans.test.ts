import { describe, expect, it } from 'vitest'
import { following, place, shown, speedBeside } from './spans'

describe('jumping to the next span', () => {
  const spans: [number, number][] = [
    [0.5, 2],
    [10, 12],
    [30, 31],
  ]
  it('stands a moment before it', () => expect(following(spans, 3)).toBe(9))
  it('never before the beginning', () => expect(following(spans, 40)).toBe(0))
  it('goes on from where the last jump led', () => expect(following(spans, 9)).toBe(29))
  it('begins again behind the last', () => expect(following(spans, 29)).toBe(0))
  it('has nowhere to go without any', () => expect(following([], 5)).toBeNull())
})

describe('the place of a span', () => {
  it('is per cent of the whole', () =>
    expect(place([25, 50], 100)).toEqual({ left: '25.000%', width: '25.000%' }))
  it('ends with the sound', () =>
    expect(place([90, 120], 100)).toEqual({ left: '90.000%', width: '10.000%' }))
  it('is nowhere in a sound of no length', () => expect(place([1, 2], 0).width).toBe('0%'))
})

describe('speeds', () => {
  it('stand in order', () => expect([speedBeside(1, 1), speedBeside(1, -1)]).toEqual([1.25, 0.75]))
  it('end at both ends', () => expect([speedBeside(2, 1), speedBeside(0.75, -1)]).toEqual([2, 0.75]))
})

it('shows pauses without signals', () => expect(shown(undefined, [[1, 2]]).pause).toEqual([[1, 2]]))
