/** Findings of a check: the worst first, what to do under what is wrong. */
import type { Words } from '@/api/types'
import { type Tone, WordBadge } from '@/common/word-badge'
import { useI18n } from '@/i18n'
import classes from './page.module.css'

export interface Finding {
  key: string
  level: string
  subject?: string
  sentence: Words | string
  remedy?: Words | string
}

const LEVELS = ['error', 'warning', 'ok']
const TONES: Record<string, Tone> = { error: 'bad', warning: 'warn', ok: 'good' }

export function isFindings(value: unknown): value is Finding[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((row) => typeof row === 'object' && row !== null && 'level' in row && 'sentence' in row)
  )
}

/** How many there are of each level, for the head of the panel. */
export function FindingCounts({ findings }: { findings: Finding[] }) {
  const { word } = useI18n()
  return (
    <span className={classes['counts']}>
      {LEVELS.map((level) => ({ level, n: findings.filter((one) => one.level === level).length }))
        .filter(({ n }) => n > 0)
        .map(({ level, n }) => (
          <WordBadge key={level} tone={TONES[level] ?? 'plain'}>{`${n} × ${word('level', level)}`}</WordBadge>
        ))}
    </span>
  )
}

export function Findings({ findings }: { findings: Finding[] }) {
  const { word, words } = useI18n()
  const place = (finding: Finding) => LEVELS.indexOf(finding.level) + 1 || LEVELS.length + 1
  return (
    <ul className={classes['findings']}>
      {findings
        .toSorted((a, b) => place(a) - place(b))
        .map((finding) => (
          <li key={`${finding.key} ${finding.subject ?? ''}`} data-level={finding.level}>
            <WordBadge tone={TONES[finding.level] ?? 'plain'}>{word('level', finding.level)}</WordBadge>
            <div>
              <span>{words(finding.sentence)}</span>
              {finding.remedy && finding.level !== 'ok' ? (
                <span className="quiet">{words(finding.remedy)}</span>
              ) : null}
            </div>
            <code className="faint">{finding.key}</code>
          </li>
        ))}
    </ul>
  )
}
