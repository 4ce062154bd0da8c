import type { Language, Words } from '@/api/types'
import { type Tone, WordBadge } from '@/common/word-badge'
import { count, dayAndTime, plainWords, span, timeOfDay } from '@/format'
import { isTextKey, useI18n } from '@/i18n'

export type Plain = string | number | boolean | null | undefined | Words

/** The translated name where there is one; the unit stands with the value already. */
export function useLabel(): (name: string) => string {
  const { t } = useI18n()
  return (name) =>
    isTextKey(`operations.${name}`)
      ? t(`operations.${name}` as 'operations.links')
      : plainWords(name.replace(/_(seconds|at)$/, ''))
}

/** A text in both languages is one thing, not two. */
function isWords(value: unknown): value is Words {
  return typeof value === 'object' && value !== null && 'en' in value && 'zh' in value
}

export function isScalar(value: unknown): value is Plain {
  return value === null || value === undefined || typeof value !== 'object' || isWords(value)
}

/** Words that servers use for how things stand. */
const TONES: Record<string, Tone> = {
  ok: 'good',
  up: 'good',
  pass: 'good',
  passed: 'good',
  good: 'good',
  closed: 'good',
  info: 'plain',
  warning: 'warn',
  warn: 'warn',
  open: 'warn',
  error: 'bad',
  critical: 'bad',
  fail: 'bad',
  failed: 'bad',
  down: 'bad',
  refused: 'bad',
}

/** Years 2001 to 2286: a number of seconds since 1970, when its name says that it is a time. */
function isTime(name: string, value: number): boolean {
  return (
    /(^|_)(at|since|from|until|opened|closed)$/.test(name) && value > 978_000_000 && value < 9_999_999_999
  )
}

function time(value: number, language: Language): string {
  const today = new Date().toDateString() === new Date(value * 1000).toDateString()
  return today ? timeOfDay(value) : dayAndTime(value, language)
}

export function Scalar({ name, value }: { name: string; value: Plain }) {
  const { t, word, words, language } = useI18n()
  if (value === null || value === undefined || value === '') return <span className="faint">–</span>
  if (typeof value === 'boolean') {
    if (name === 'up')
      return (
        <WordBadge tone={value ? 'good' : 'bad'}>{t(value ? 'operations.up' : 'operations.down')}</WordBadge>
      )
    if (name === 'ok') return <WordBadge tone={value ? 'good' : 'bad'}>{value ? 'ok' : '!'}</WordBadge>
    return <>{t(value ? 'operations.yes' : 'operations.no')}</>
  }
  if (typeof value === 'number') {
    if (isTime(name, value)) return <span className="num">{time(value, language)}</span>
    if (name.endsWith('_seconds')) return <span className="num">{span(value)}</span>
    return <span className="num">{Number.isInteger(value) ? count(value) : value.toPrecision(4)}</span>
  }
  if (isWords(value)) return words(value)
  const tone = TONES[value.toLowerCase()]
  return tone ? <WordBadge tone={tone}>{word('level', value.toLowerCase())}</WordBadge> : value
}
