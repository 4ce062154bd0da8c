import type { KpiRow, Proof } from '@/api/types'
import { ProofMark } from '@/common/proof-mark'
import { count, percent, span } from '@/format'
import { type TextKey, useI18n } from '@/i18n'
import classes from './page.module.css'

/** Where the server names a figure otherwise than the column does. */
const FORMULA_OF: Partial<Record<TextKey, string>> = {
  'kpi.col.asa': 'asa_seconds',
  'kpi.col.aht': 'aht_seconds',
}

interface TotalsProps {
  row: KpiRow
  formulas: Record<string, string>
  proof: Proof
}

/** The whole period in one line; each figure says its formula when pointed at. */
export function KpiTotals({ row, formulas, proof }: TotalsProps) {
  const { t } = useI18n()
  const facts: [TextKey, string][] = [
    ['kpi.col.offered', count(row.offered)],
    ['kpi.col.answered', count(row.answered)],
    ['kpi.col.abandoned', count(row.abandoned)],
    ['kpi.col.answer_rate', percent(row.answer_rate)],
    ['kpi.col.level', percent(row.service_level.value)],
    ['kpi.col.abandon_rate', percent(row.abandon_rate)],
    ['kpi.col.asa', span(row.asa_seconds)],
    ['kpi.col.aht', span(row.aht_seconds === null ? null : Math.round(row.aht_seconds))],
    ['kpi.col.occupancy', percent(row.occupancy, 0)],
  ]
  return (
    <dl className={classes['totals']} data-testid="kpi-totals">
      {facts.map(([key, value]) => (
        <div key={key} title={formulas[FORMULA_OF[key] ?? key.slice('kpi.col.'.length)]}>
          <dt>{t(key)}</dt>
          <dd className="num" data-testid={`kpi-total-${key.slice('kpi.col.'.length)}`}>
            {value}
          </dd>
          <dd className={classes['proof']}>
            <ProofMark proof={proof} short />
          </dd>
        </div>
      ))}
    </dl>
  )
}
