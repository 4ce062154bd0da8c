import type { Answer, Scorecard } from '@/api/types'
import { Panel } from '@/common/panel'
import { useI18n } from '@/i18n'
import { asked, type Draft } from './answers'
import { ItemRow } from './item-row'
import classes from './scoring.module.css'

interface ScorecardFormProps {
  card: Scorecard
  draft: Draft
  /** Null: to be read only. */
  change: ((item: string, part: Partial<Answer>) => void) | null
  now: () => number
  jump: (seconds: number) => void
}

export function ScorecardForm({ card, draft, change, now, jump }: ScorecardFormProps) {
  const { t, words } = useI18n()
  const shown = new Set(asked(card, draft).map((item) => item.id))
  const whole = card.sections.reduce((sum, section) => sum + section.weight, 0) || 1
  return (
    <>
      {card.sections.map((section) => {
        const items = section.items.filter((item) => shown.has(item.id))
        const done = items.filter((item) => draft[item.id]?.value !== undefined).length
        return (
          <Panel
            key={section.id}
            title={words(section.title)}
            note={t('score.weight', { n: Math.round((section.weight / whole) * 100) })}
            right={
              <span className="faint num">
                {done}/{items.length}
              </span>
            }
            flush
            testId="score-section"
          >
            <ol className={classes['items']}>
              {items.map((item) => (
                <ItemRow
                  key={item.id}
                  item={item}
                  answer={draft[item.id] ?? {}}
                  change={change ? (part) => change(item.id, part) : null}
                  now={now}
                  jump={jump}
                />
              ))}
            </ol>
          </Panel>
        )
      })}
    </>
  )
}
