import { describe, expect, it } from 'vitest'
import { delayImpairment, grade, lossImpairment, mos, opinion, type Sample, summary } from './mos'

describe('the opinion score', () => {
  // G.109, table 1, and the default of G.107
  it.each([
    [93.2, 4.41],
    [90, 4.34],
    [80, 4.03],
    [70, 3.6],
    [60, 3.1],
    [50, 2.58],
  ])('of R %d is that of the published table', (r, score) => {
    expect(Math.abs(opinion(r) - score)).toBeLessThan(0.011)
  })

  it('has its ends', () => {
    expect(opinion(-5)).toBe(1)
    expect(opinion(120)).toBe(4.5)
  })
})

describe('impairments', () => {
  it('of delay bends at 177.3 ms', () => {
    expect(delayImpairment(100)).toBeCloseTo(2.4, 6)
    expect(delayImpairment(177.3)).toBeCloseTo(4.2552, 6)
    expect(delayImpairment(277.3)).toBeCloseTo(6.6552 + 11, 6)
  })

  it('of loss is half of all there is at the codec’s robustness', () => {
    expect(lossImpairment(0)).toBe(0)
    expect(lossImpairment(25.1)).toBeCloseTo(47.5, 6)
  })

  it('a clean call is good, a lossy one is not', () => {
    expect(grade(mos(2, 0, 20))).toBe('good')
    expect(grade(mos(10, 5, 150))).toBe('fair')
    expect(grade(mos(60, 15, 400))).toBe('poor')
  })
})

describe('the summary', () => {
  const sample = (jitterMs: number, lossPercent: number, rttMs: number | null, score: number): Sample => ({
    jitterMs,
    lossPercent,
    rttMs,
    codec: 'opus',
    mos: score,
  })

  it('is nothing without a measurement', () => {
    expect(summary([], 'usb', 3)).toBeNull()
  })

  it('holds the middle and the worst', () => {
    const samples = [sample(2, 0, 30, 4.4), sample(4, 1, null, 4.2), sample(30, 5, 50, 3.2)]
    expect(summary(samples, 'usb', 12.4)).toEqual({
      jitter_ms: 4,
      jitter_worst_ms: 30,
      loss_percent: 2,
      rtt_ms: 40,
      mos: 4.2,
      mos_worst: 3.2,
      codec: 'opus',
      device: 'usb',
      seconds: 12,
    })
  })
})
