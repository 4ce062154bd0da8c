/** Numbers, times and names as people read them. Pure. */
import type { CustomerMention, Language } from '@/api/types'

export const NOTHING = '–'
const LOCALE: Record<Language, string> = { en: 'en-GB', zh: 'zh-CN' }
// made once: to make one takes a hundred times as long as to use it
const COUNTS = new Intl.NumberFormat('en-US')
const CLOCK: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', hour12: false }
const MINUTES = new Intl.DateTimeFormat('en-GB', CLOCK)
const SECONDS = new Intl.DateTimeFormat('en-GB', { ...CLOCK, second: '2-digit' })

export function percent(rate: number | null | undefined, digits = 1): string {
  if (rate === null || rate === undefined || Number.isNaN(rate)) return NOTHING
  return `${(rate * 100).toFixed(digits)}%`
}

export function count(value: number | null | undefined): string {
  if (value === null || value === undefined) return NOTHING
  return COUNTS.format(value)
}

/** 0:07, 12:30, 1:02:03: for clocks that tick. */
export function clock(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || Number.isNaN(seconds)) return NOTHING
  const whole = Math.max(0, Math.floor(seconds))
  const two = (n: number) => String(n).padStart(2, '0')
  const h = Math.floor(whole / 3600)
  const m = Math.floor((whole % 3600) / 60)
  return h > 0 ? `${h}:${two(m)}:${two(whole % 60)}` : `${m}:${two(whole % 60)}`
}

/** 4 ms below a tenth of a second, 8.4 s below a minute, else a clock: for averages and measured spans. */
export function span(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || Number.isNaN(seconds)) return NOTHING
  if (seconds > 0 && seconds < 0.1) return `${(seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0)} ms`
  if (seconds < 60) return `${Number.isInteger(seconds) ? seconds : seconds.toFixed(1)} s`
  return clock(seconds)
}

/** Accepts seconds since 1970 or ISO text: both are spoken by the server's tools. */
export function toDate(at: number | string | null | undefined): Date | null {
  if (at === null || at === undefined || at === '') return null
  const date = typeof at === 'number' ? new Date(at * 1000) : new Date(at)
  return Number.isNaN(date.getTime()) ? null : date
}

export function timeOfDay(at: number | string | null | undefined, seconds = true): string {
  const date = toDate(at)
  return date ? (seconds ? SECONDS : MINUTES).format(date) : NOTHING
}

export function day(at: number | string | null | undefined, language: Language): string {
  const date = toDate(at)
  if (!date) return NOTHING
  const options: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short' }
  if (date.getFullYear() !== new Date().getFullYear()) options.year = 'numeric'
  return date.toLocaleDateString(LOCALE[language], options)
}

export function dayAndTime(at: number | string | null | undefined, language: Language): string {
  const date = toDate(at)
  return date ? `${day(at, language)} ${timeOfDay(at, false)}` : NOTHING
}

/** Today the second counts, before that the day. */
export function moment(at: number | string | null | undefined, language: Language, now = Date.now()): string {
  const date = toDate(at)
  if (!date) return NOTHING
  return date.toDateString() === new Date(now).toDateString() ? timeOfDay(at) : dayAndTime(at, language)
}

/** "3 min ago", "2 days ago", in the reader's language. */
export function ago(at: number, now: number, language: Language): string {
  const relative = new Intl.RelativeTimeFormat(LOCALE[language], { numeric: 'auto', style: 'short' })
  const seconds = at - now
  const steps: [Intl.RelativeTimeFormatUnit, number][] = [
    ['day', 86400],
    ['hour', 3600],
    ['minute', 60],
  ]
  for (const [unit, size] of steps) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit)
  }
  return relative.format(Math.trunc(seconds), 'second')
}

export function bytes(size: number | null | undefined): string {
  if (size === null || size === undefined) return NOTHING
  if (size < 1024) return `${size} B`
  if (size < 1024 * 1024) return `${(size / 1024).toFixed(0)} kB`
  return `${(size / 1024 / 1024).toFixed(1)} MB`
}

/** How the digits after some country codes are read out; the others are grouped in threes from the end. */
const GROUPS: [RegExp, string][] = [
  [/^\+86(1\d{2})(\d{4})(\d{4})$/, '+86'],
  [/^\+86(10|2\d)(\d{4})(\d{4})$/, '+86'],
  [/^\+1(\d{3})(\d{3})(\d{4})$/, '+1'],
  [/^\+44(20)(\d{4})(\d{4})$/, '+44'],
  [/^\+44(\d{4})(\d{6})$/, '+44'],
]
/** Country codes of one and of two digits; all others have three. */
const SHORT_CODES = /^\+(1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])(\d{6,})$/

/** +8613812345678 as +86 138 1234 5678; what is no international number stays as it is. */
export function phoneNumber(number: string | null | undefined): string {
  if (!number) return NOTHING
  for (const [shape, code] of GROUPS) {
    const parts = shape.exec(number)
    if (parts) return [code, ...parts.slice(1)].join(' ')
  }
  const parts = SHORT_CODES.exec(number) ?? /^\+(\d{3})(\d{5,})$/.exec(number)
  if (!parts) return number
  return `+${parts[1]} ${(parts[2] ?? '').replace(/(\d)(?=(\d{3})+$)/g, '$1 ')}`
}

export function mentionName(customer: CustomerMention | undefined, fallback?: string | null): string | null {
  if (customer && typeof customer === 'object' && customer.name) return customer.name
  return fallback ?? null
}

export function mentionId(customer: CustomerMention | undefined): string | null {
  if (!customer) return null
  return typeof customer === 'string' ? customer : customer.id
}

/** snake_case from the server as readable words, when no translation is known. */
export function plainWords(name: string): string {
  const words = name
    .replace(/[_-]+/g, ' ')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}
