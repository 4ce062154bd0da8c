/** How long the agent is not ready, against the limits of his reason. */
import { clock } from '@/format'
import { useI18n } from '@/i18n'
import { useNow } from '@/stream/now'
import type { Overrun, Reason } from './api'
import classes from './work.module.css'

interface StateBarProps {
  reason: Reason
  since: number
  spentToday: number
  over: Overrun[]
}

export function StateBar({ reason, since, spentToday, over }: StateBarProps) {
  const { t, words } = useI18n()
  const stay = Math.max(0, useNow() - since)
  const share = reason.stay_seconds ? Math.min(1, stay / reason.stay_seconds) : null
  const [first] = over
  return (
    <div className={classes['bar']} data-over={first ? true : undefined} data-testid="reason-bar">
      <div className={classes['between']}>
        <span>
          <b>{words(reason.name)}</b> <span className="num">{clock(stay)}</span>
          {reason.stay_seconds ? (
            <span className="quiet"> {t('work.limit.stay', { limit: clock(reason.stay_seconds) })}</span>
          ) : null}
        </span>
        <span className="quiet num">
          {reason.day_seconds
            ? t('work.limit.day', { spent: clock(spentToday), limit: clock(reason.day_seconds) })
            : ''}
        </span>
      </div>
      {share === null ? null : (
        <div className={classes['track']} aria-hidden>
          <div style={{ width: `${share * 100}%` }} />
        </div>
      )}
      {first ? (
        <p role="status" className={classes['over']} data-testid="reason-over">
          {t(first.limit === 'day' ? 'work.over.day' : 'work.over.stay')}
        </p>
      ) : null}
    </div>
  )
}
