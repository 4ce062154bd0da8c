/** The four numbers of a period, each with its interval; the score stands apart from the accuracies. */
import type { Figure, QualityReport } from '@/api/quality'
import { count, percent } from '@/format'
import { useI18n } from '@/i18n'
import classes from './page.module.css'

export function Numbers({ told }: { told: QualityReport }) {
  const { t } = useI18n()
  const { whole } = told
  return (
    <div className={classes['numbers']} data-testid="reports-numbers">
      <div className={classes['accuracies']}>
        {(['customer', 'business', 'compliance'] as const).map((kind) => (
          <Told key={kind} name={kind} figure={whole[kind]} fewest={told.fewest} score={false} />
        ))}
      </div>
      <div className={classes['apart']}>
        <Told name="score" figure={whole.score} fewest={told.fewest} score />
        <Told name="passed" figure={whole.passed} fewest={told.fewest} score={false} />
      </div>
      <p className={classes['reviews']}>
        <span data-testid="reports-basis-says">
          {t(`reports.basis.${told.basis}.says`, { n: count(told.calls), drawn: count(told.drawn ?? 0) })}
        </span>{' '}
        {t('reports.accuracy')}
        {told.beyond > 0 ? ` · ${t('sat.beyond', { n: count(told.beyond) })}` : ''}
      </p>
    </div>
  )
}

interface ToldProps {
  name: 'customer' | 'business' | 'compliance' | 'score' | 'passed'
  figure: Figure
  fewest: number
  score: boolean
}

function Told({ name, figure, fewest, score }: ToldProps) {
  const { t } = useI18n()
  return (
    <div className={classes['number']} data-testid={`reports-${name}`}>
      <span className="quiet">{t(`reports.${name}`)}</span>
      <b className="num">{figure.value === null ? t('reports.few') : told(figure.value, score)}</b>
      <span className="faint num">
        {figure.value === null ? (
          t('reports.from', { n: fewest })
        ) : (
          <Interval figure={figure} score={score} />
        )}
      </span>
    </div>
  )
}

export function Interval({ figure, score }: { figure: Figure; score: boolean }) {
  const { t } = useI18n()
  if (figure.low === null || figure.high === null) return null
  return <>{t('sat.interval', { low: told(figure.low, score), high: told(figure.high, score) })}</>
}

/** A score as it is, a share in percent. */
export function told(value: number, score: boolean): string {
  return score ? value.toFixed(1) : percent(value)
}
