import { memo } from 'react'
import type { TrendRow } from '@/api/types'
import { clock, percent, timeOfDay } from '@/format'
import { useI18n } from '@/i18n'
import classes from './day-trend.module.css'

const QUARTER = 900
const SHOWN = 32
const HEIGHT = 30

/** The last eight hours by quarters: who came, and below in another tone and shape who gave up. */
export const DayTrend = memo(function DayTrend({ rows }: { rows: TrendRow[] }) {
  const { t } = useI18n()
  const last = rows.at(-1)
  const latest = last?.from ?? 0
  const known = new Map(rows.map((row) => [row.from, row]))
  const quarters = Array.from({ length: SHOWN }, (_, place) => latest - (SHOWN - 1 - place) * QUARTER)
  const most = Math.max(1, ...quarters.map((from) => known.get(from)?.offered ?? 0))
  const caption = last ? sentence(last, t) : t('trend.none')
  const told = rows.slice(-4).map((row) => sentence(row, t))
  return (
    <figure className={classes['trend']} data-testid="queue-trend">
      <svg
        viewBox={`0 0 ${SHOWN * 4} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${t('trend.caption')}: ${told.join('; ')}`}
      >
        {quarters.map((from, place) => {
          const row = known.get(from)
          if (!row) return null
          const came = (row.offered / most) * HEIGHT
          const lost = (row.abandoned / most) * HEIGHT
          return (
            <g key={from}>
              <title>{sentence(row, t)}</title>
              <rect x={place * 4} width={3} y={HEIGHT - came} height={came} className={classes['came']} />
              <rect x={place * 4 + 1} width={1} y={HEIGHT - lost} height={lost} className={classes['lost']} />
            </g>
          )
        })}
      </svg>
      <figcaption className="faint cut" title={caption}>
        {caption}
      </figcaption>
    </figure>
  )
})

function sentence(row: TrendRow, t: ReturnType<typeof useI18n>['t']): string {
  return t('trend.quarter', {
    at: timeOfDay(row.from, false),
    offered: row.offered,
    abandoned: row.abandoned,
    level: percent(row.service_level, 0),
    longest: clock(row.longest_waited_seconds),
  })
}
