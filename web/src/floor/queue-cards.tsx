import { memo, useMemo } from 'react'
import { type Counts, type QueueFloor, TIERS, type TrendRow } from '@/api/types'
import { grouped } from '@/common/grouped'
import { Panel } from '@/common/panel'
import { EmptyNote } from '@/common/states'
import { Ticking } from '@/common/ticking'
import { TierBadge } from '@/common/tier-badge'
import { WordBadge } from '@/common/word-badge'
import { count, percent } from '@/format'
import { useI18n } from '@/i18n'
import { Behind, type Counted } from './behind'
import { DayTrend } from './day-trend'
import classes from './queue-cards.module.css'

interface CardsProps {
  queues: QueueFloor[]
  trend: TrendRow[]
  searched: boolean
}

const NO_TREND: TrendRow[] = []

export const QueueCards = memo(function QueueCards({ queues, trend, searched }: CardsProps) {
  const { t } = useI18n()
  const trends = useMemo(() => grouped(trend, (row) => row.queue), [trend])
  if (queues.length === 0) {
    return (
      <Panel title={t('queues.title')}>
        <EmptyNote title={t(searched ? 'floor.none' : 'queues.empty')} />
      </Panel>
    )
  }
  return (
    <div className={classes['cards']}>
      {queues.map((queue) => (
        <QueueCard key={queue.queue} queue={queue} trend={trends.get(queue.queue) ?? NO_TREND} />
      ))}
    </div>
  )
})

const QueueCard = memo(function QueueCard({ queue, trend }: { queue: QueueFloor; trend: TrendRow[] }) {
  const { t } = useI18n()
  const here = queue.queue
  const tiers = [...TIERS, 'unknown'].filter((tier) => tier !== 'unknown' || queue.tiers[tier]?.offered)
  return (
    <Panel
      testId="queue-card"
      flush
      title={
        <span className={`${classes['name']} cut`} title={here} data-queue={here}>
          {here}
        </span>
      }
      right={
        <span className={classes['facts']}>
          {queue.surge_since ? (
            <span className={classes['surge']} data-testid="queue-surge">
              <WordBadge tone="warn">{t('queues.surge')}</WordBadge> <Ticking since={queue.surge_since} />
            </span>
          ) : null}
          <span>
            <b className="num" data-testid="queue-waiting">
              {count(queue.waiting)}
            </b>{' '}
            {t('queues.waiting')}
          </span>
          <span>
            <b className={classes['longest']}>
              {queue.longest_since ? <Ticking since={queue.longest_since} /> : '–'}
            </b>{' '}
            {t('queues.longest')}
          </span>
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
            <th>{t('queues.gaveup')}</th>
            <th>{t('queues.level')}</th>
          </tr>
        </thead>
        <tbody>
          {tiers.map((tier) => (
            <tr key={tier} data-testid="queue-tier-row" data-tier={tier}>
              <td>
                <TierBadge tier={tier === 'unknown' ? null : tier} />
              </td>
              <CountCells row={queue.tiers[tier]} of={{ queue: here, tier }} />
              <Level
                row={queue.tiers[tier]}
                of={{ queue: here, tier }}
                target={queue.tiers[tier]?.target_seconds}
              />
            </tr>
          ))}
          <tr className={classes['sum']}>
            <td>
              {t('queues.rate')} <b className="num">{percent(queue.answer_rate)}</b>
            </td>
            <CountCells row={queue} of={{ queue: here }} />
            <Level row={queue} of={{ queue: here }} />
          </tr>
        </tbody>
      </table>
      <DayTrend rows={trend} />
    </Panel>
  )
})

type Of = Pick<Counted, 'queue' | 'tier'>

function CountCells({ row, of }: { row: Counts | undefined; of: Of }) {
  return (
    <>
      <td data-some={(row?.waiting ?? 0) > 0 || undefined}>
        <Behind counted={{ each: 'visit', fate: 'waiting', ...of }}>{count(row?.waiting ?? 0)}</Behind>
      </td>
      <td>
        <Behind counted={{ each: 'visit', fate: 'answered', ...of }}>{count(row?.answered ?? 0)}</Behind>
        <span className="faint">
          {' / '}
          <Behind counted={{ each: 'visit', ...of }}>{count(row?.offered ?? 0)}</Behind>
        </span>
      </td>
      <td>
        <Behind counted={{ each: 'visit', fate: 'abandoned', ...of }}>{count(row?.abandoned ?? 0)}</Behind>
      </td>
    </>
  )
}

/** The share answered within the target, and the way to those who were answered beyond it. */
function Level({ row, of, target }: { row: Counts | undefined; of: Of; target?: number | undefined }) {
  const { t } = useI18n()
  return (
    <td>
      <span className={classes['level']}>
        {target === undefined ? null : (
          <span className={`${classes['target']} num`}>≤ {t('unit.s', { n: target })}</span>
        )}
        <Behind counted={{ each: 'visit', fate: 'answered', waited: 'beyond', ...of }}>
          <b className={classes['percent']} data-testid="queue-level">
            {percent(row?.service_level, 0)}
          </b>
        </Behind>
      </span>
    </td>
  )
}
