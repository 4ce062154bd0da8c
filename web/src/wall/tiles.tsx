import type { ReactNode } from 'react'
import { Ticking } from '@/common/ticking'
import { count, percent } from '@/format'
import type { Totals } from './figures'
import type { Say } from './screen'
import classes from './wall.module.css'
import { Words } from './words'

const HOUR = 3600

export function Tiles({ totals, say, now }: { totals: Totals; say: Say; now: number }) {
  const tile = (id: string, said: string[], value: ReactNode) => (
    <div className={classes['tile']} data-testid={`wall-${id}`}>
      <span className={classes['label']}>
        <Words said={said} />
      </span>
      <strong className="num">{value}</strong>
    </div>
  )
  const { rates, longest_since: since } = totals
  const hours = since !== null && now - since >= HOUR
  return (
    <section className={classes['tiles']} data-hours={hours || undefined}>
      {tile('waiting', say('wall.waiting'), count(totals.waiting))}
      {tile('longest', say('wall.longest'), since === null ? '–' : <Ticking since={since} />)}
      {rates
        ? tile('level', say('wall.level'), percent(rates.service_level, 0))
        : tile('answered', say('wall.answered'), count(totals.answered))}
      {rates
        ? tile('rate', say('wall.rate'), percent(rates.answer_rate, 0))
        : tile('gave-up', say('wall.gaveup'), count(totals.abandoned))}
      {totals.ready === null ? null : tile('ready', say('wall.ready'), count(totals.ready))}
      {totals.busy === null ? null : tile('busy', say('wall.busy'), count(totals.busy))}
    </section>
  )
}
