/** A small word with a meaning: good, warning, bad or neutral, always with its text. */
import { useI18n } from '@/i18n'
import classes from './word-badge.module.css'

export type Tone = 'good' | 'warn' | 'bad' | 'plain' | 'accent'

export function WordBadge({
  tone = 'plain',
  children,
  testId,
}: {
  tone?: Tone
  children: string
  testId?: string
}) {
  return (
    <span className={classes['badge']} data-tone={tone} data-testid={testId}>
      {children}
    </span>
  )
}

const OUTCOME_TONES: Record<string, Tone> = {
  answered: 'good',
  abandoned: 'bad',
  abandoned_announce: 'bad',
  timeout: 'warn',
  leave_empty: 'warn',
  blocked: 'warn',
  lost: 'warn',
}

export function OutcomeBadge({ outcome }: { outcome: string | null | undefined }) {
  const { t, word } = useI18n()
  if (!outcome) return <WordBadge tone="accent">{t('outcome.none')}</WordBadge>
  return <WordBadge tone={OUTCOME_TONES[outcome] ?? 'plain'}>{word('outcome', outcome)}</WordBadge>
}

const RESULT_TONES: Record<string, Tone> = { pass: 'good', fail: 'bad', not_scorable: 'warn' }

export function ResultBadge({ result }: { result: string | null | undefined }) {
  const { word } = useI18n()
  if (!result) return <span className="faint">–</span>
  return (
    <WordBadge tone={RESULT_TONES[result] ?? 'plain'} testId="result-badge">
      {word('result', result)}
    </WordBadge>
  )
}

const RECORDING_TONES: Record<string, Tone> = { stored: 'good', missing: 'bad', expected: 'accent' }

export function RecordingBadge({ state }: { state: string }) {
  const { word } = useI18n()
  return <WordBadge tone={RECORDING_TONES[state] ?? 'plain'}>{word('recording', state)}</WordBadge>
}
