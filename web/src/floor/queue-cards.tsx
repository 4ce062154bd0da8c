import { memo } from 'react'
import { type QueueFloor, TIERS } from '@/api/types'
import { Panel } from '@/common/panel'
import { EmptyNote } from '@/common/states'
import { TierBadge } from '@/common/tier-badge'
import { clock, count, percent } from '@/format'
import { useI18n } from '@/i18n'
import classes from './queue-cards.module.css'

export function QueueCards({ queues, target }: { queues: QueueFloor[]; target: number }) {
  const { t } = useI18n()
  if (queues.length === 0) {
    return (
      <Panel title={t('queues.title')}>
        <EmptyNote title={t('queues.empty')} />
      </Panel>
    )
  }
  return (
    <div className={classes['cards']}>
      {queues.map((queue) => (
        <QueueCard key={queue.queue} queue={queue} target={target} />
      ))}
    </div>
  )
}

const QueueCard = memo(function QueueCard({ queue, target }: { queue: QueueFloor; target: number }) {
  const { t } = useI18n()
  const others = Object.keys(queue.tiers).filter((tier) => !TIERS.some((known) => known === tier))
  const rows = [...TIERS, ...others].filter((tier) => queue.tiers[tier])
  return (
    <Panel
      testId="queue-card"
      flush
      title={
        <span className={`${classes['name']} cut`} title={queue.queue} data-queue={queue.queue}>
          {queue.queue}
        </span>
      }
      right={
        <span className={classes['facts']}>
          <span>
            <b className="num" data-testid="queue-waiting">
              {count(queue.waiting)}
            </b>{' '}
            {t('queues.waiting')}
          </span>
          {queue.waiting > 0 ? (
            <span>
              <b className="num">{clock(queue.longest_wait_seconds)}</b> {t('queues.longest')}
            </span>
          ) : null}
          <span>
            <b className="num">{count(queue.agents_ready)}</b> {t('queues.ready')}
          </span>
          <span>
            <b className="num">{count(queue.agents_busy)}</b> {t('queues.busy')}
          </span>
        </span>
      }
    >
      <table className={classes['table']}>
        <thead>
          <tr>
            <th>{t('filter.tier')}</th>
            <th>{t('tile.waiting')}</th>
            <th>{t('queues.answered')}</th>
            <th title={`≤ ${target} s`}>{t('queues.level')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((tier) => {
            const row = queue.tiers[tier]
            if (!row) return null
            return (
              <tr key={tier} data-testid="queue-tier-row" data-tier={tier}>
                <td>
                  <TierBadge tier={tier} />
                </td>
                <td data-some={row.waiting > 0 || undefined}>{count(row.waiting)}</td>
                <td>
                  {count(row.answered)}
                  <span className="faint"> / {count(row.offered)}</span>
                </td>
                <td>
                  <span className={classes['level']}>
                    <span className={classes['meter']} aria-hidden="true">
                      <span style={{ width: `${Math.round((row.service_level ?? 0) * 100)}%` }} />
                    </span>
                    <span className={classes['percent']}>{percent(row.service_level, 0)}</span>
                  </span>
                </td>
              </tr>
            )
          })}
          <tr className={classes['sum']}>
            <td>
              {t('queues.rate')} <b className="num">{percent(queue.answer_rate)}</b>
            </td>
            <td>{count(queue.waiting)}</td>
            <td>
              {count(queue.answered)}
              <span className="faint"> / {count(queue.offered)}</span>
            </td>
            <td>
              <b className="num">{percent(queue.service_level)}</b>
            </td>
          </tr>
        </tbody>
      </table>
    </Panel>
  )
})
