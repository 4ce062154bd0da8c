import { memo } from 'react'
import type { WaitingCaller } from '@/api/types'
import { Caller } from '@/common/caller'
import { IconCircleCheck } from '@/common/icons'
import { Panel } from '@/common/panel'
import { EmptyNote } from '@/common/states'
import { Ticking } from '@/common/ticking'
import { isTier, TierBadge } from '@/common/tier-badge'
import { clock, timeOfDay } from '@/format'
import { useI18n } from '@/i18n'
import { useNow } from '@/stream/now'
import classes from './waiting-line.module.css'

export function WaitingLine({ waiting }: { waiting: WaitingCaller[] }) {
  const { t } = useI18n()
  const queues = [...new Set(waiting.map((caller) => caller.queue))]
  return (
    <Panel
      title={t('waiting.title')}
      note={t('waiting.order')}
      right={<span className={classes['count']}>{waiting.length}</span>}
      flush
      testId="waiting-line"
    >
      {waiting.length === 0 ? (
        <EmptyNote
          title={t('waiting.empty')}
          detail={t('waiting.empty.detail')}
          icon={<IconCircleCheck size={22} stroke={1.6} />}
        />
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it with the arrow keys
        <section className={classes['scroll']} aria-label={t('waiting.title')} tabIndex={0}>
          <div className={`${classes['row']} ${classes['head']}`} aria-hidden="true">
            <span />
            <span>{t('filter.tier')}</span>
            <span>{t('waiting.col.caller')}</span>
            <span className={classes['right']}>{t('waiting.col.wait')}</span>
            <span className={classes['right']}>{t('waiting.col.promised')}</span>
            <span>{t('waiting.col.why')}</span>
          </div>
          {queues.map((queue) => (
            <section key={queue} aria-label={queue} data-testid="waiting-queue" data-queue={queue}>
              <h3 className={classes['queue']}>{queue}</h3>
              <ol className={classes['line']}>
                {waiting
                  .filter((caller) => caller.queue === queue)
                  .map((caller) => (
                    <WaitingRow key={caller.call} caller={caller} />
                  ))}
              </ol>
            </section>
          ))}
        </section>
      )}
    </Panel>
  )
}

const WaitingRow = memo(function WaitingRow({ caller }: { caller: WaitingCaller }) {
  const { t, words } = useI18n()
  const why = words(caller.why)
  return (
    <li
      className={classes['row']}
      data-testid="waiting-row"
      data-call={caller.call}
      data-queue={caller.queue}
      data-tier={isTier(caller.tier) ? caller.tier : 'none'}
    >
      <span className={`${classes['place']} num`}>{caller.position}</span>
      <TierBadge tier={caller.tier} />
      <Caller name={caller.name} number={caller.number} />
      <strong className={classes['right']}>
        <Ticking since={caller.joined_at} testId="waiting-time" />
      </strong>
      <PromisedBy at={caller.promised_at} />
      <span className={classes['why']} title={why}>
        {why ||
          (caller.credit_seconds ? t('waiting.headstart', { time: clock(caller.credit_seconds) }) : '–')}
      </span>
    </li>
  )
})

function PromisedBy({ at }: { at: number | null }) {
  const { t } = useI18n()
  const now = useNow()
  const passed = at !== null && now > at
  return (
    <span
      className={`${classes['right']} num`}
      data-passed={passed || undefined}
      title={passed ? t('waiting.overdue') : undefined}
    >
      {at === null ? '–' : timeOfDay(at)}
    </span>
  )
}
