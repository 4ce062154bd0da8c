import { describe, expect, it } from 'vitest'
import {
  ago,
  bytes,
  clock,
  mentionId,
  mentionName,
  moment,
  percent,
  phoneNumber,
  plainWords,
  span,
  toDate,
} from './format'

describe('numbers', () => {
  it('says nothing where there is nothing to say', () => {
    expect(percent(null)).toBe('–')
    expect(clock(undefined)).toBe('–')
    expect(span(Number.NaN)).toBe('–')
    expect(bytes(null)).toBe('–')
  })

  it('does not take zero for nothing', () => {
    expect(percent(0)).toBe('0.0%')
    expect(clock(0)).toBe('0:00')
    expect(bytes(0)).toBe('0 B')
  })

  it('shows waits as a clock', () => {
    expect([7, 65, 600, 3723.9].map(clock)).toEqual(['0:07', '1:05', '10:00', '1:02:03'])
    expect(clock(-3)).toBe('0:00')
  })

  it('keeps tenths below a minute', () => {
    expect(span(8.4)).toBe('8.4 s')
    expect(span(9)).toBe('9 s')
    expect(span(0)).toBe('0 s')
    expect([0.004, 0.0449].map(span)).toEqual(['4.0 ms', '45 ms'])
    expect(span(210)).toBe('3:30')
  })
})

describe('times', () => {
  it('reads seconds since 1970 and ISO text alike', () => {
    expect(toDate(1767225600)?.toISOString()).toBe('2026-01-01T00:00:00.000Z')
    expect(toDate('2026-01-01T00:00:00Z')?.getTime()).toBe(1767225600000)
    expect(toDate('nonsense')).toBeNull()
    expect(toDate(null)).toBeNull()
  })

  it('tells the second of today and the day of before', () => {
    const noon = new Date(2026, 10, 25, 12, 34, 56).getTime()
    expect(moment(noon / 1000, 'en', noon + 3_600_000)).toBe('12:34:56')
    expect(moment(noon / 1000, 'en', noon + 86_400_000)).toMatch(/^25 Nov( 2026)? 12:34$/)
    expect(moment(null, 'zh')).toBe('–')
  })

  it('speaks of the past in the language of the reader', () => {
    expect(ago(1000, 1000 + 3 * 60, 'en')).toBe('3 min ago')
    expect(ago(1000, 1000 + 2 * 86400, 'zh')).toBe('前天')
  })
})

describe('names and numbers', () => {
  it('groups numbers as people read them out and leaves what is none', () => {
    expect(phoneNumber('+8613812345678')).toBe('+86 138 1234 5678')
    expect(phoneNumber('+442079460018')).toBe('+44 20 7946 0018')
    expect(phoneNumber('+441632960018')).toBe('+44 1632 960018')
    expect(phoneNumber('+12025550104')).toBe('+1 202 555 0104')
    expect(phoneNumber('+861085551234')).toBe('+86 10 8555 1234')
    expect(phoneNumber('+4930901820')).toBe('+49 30 901 820')
    expect(phoneNumber('+35312345678')).toBe('+353 12 345 678')
    expect(phoneNumber('101')).toBe('101')
    expect(phoneNumber('anonymous')).toBe('anonymous')
    expect(phoneNumber('')).toBe('–')
  })

  it('takes a customer as an id or as a mention', () => {
    expect(mentionId('c-1')).toBe('c-1')
    expect(mentionId({ id: 'c-2', name: '王' })).toBe('c-2')
    expect(mentionName('c-1', 'Wang')).toBe('Wang')
    expect(mentionName({ id: 'c-2', name: '王' }, 'Wang')).toBe('王')
    expect(mentionName(null, null)).toBeNull()
  })

  it('makes words of names', () => {
    expect(plainWords('ring_no_answer')).toBe('Ring no answer')
    expect(plainWords('CallHeld')).toBe('Call Held')
  })
})
