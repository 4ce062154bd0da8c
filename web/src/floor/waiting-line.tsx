import { memo, useMemo, useRef } from 'react'
import type { WaitingCaller } from '@/api/types'
import { Caller } from '@/common/caller'
import { grouped } from '@/common/grouped'
import { IconCircleCheck } from '@/common/icons'
import { Panel } from '@/common/panel'
import { EmptyNote } from '@/common/states'
import { Ticking } from '@/common/ticking'
import { isTier, TierBadge } from '@/common/tier-badge'
import { clock, timeOfDay } from '@/format'
import { useI18n } from '@/i18n'
import { useTick } from '@/stream/now'
import { WaitingMenu } from '@/supervision/waiting-menu'
import { Behind } from './behind'
import classes from './waiting-line.module.css'

/** In pixels, as the stylesheet has it. */
const ROW_HEIGHT = 47

interface LineProps {
  waiting: WaitingCaller[]
  /** Some who wait are not shown, for a search left them out. */
  searched: boolean
}

export const WaitingLine = memo(function WaitingLine({ waiting, searched }: LineProps) {
  const { t } = useI18n()
  const lines = useMemo(() => grouped(waiting, (caller) => caller.queue), [waiting])
  return (
    <Panel
      title={t('waiting.title')}
      note={t('waiting.order')}
      right={
        <Behind counted={{ each: 'visit', fate: 'waiting' }}>
          <span className={classes['count']}>{waiting.length}</span>
        </Behind>
      }
      flush
      testId="waiting-line"
    >
      {waiting.length === 0 ? (
        <EmptyNote
          title={t(searched ? 'floor.none' : 'waiting.empty')}
          detail={searched ? undefined : t('waiting.empty.detail')}
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
            <span />
          </div>
          {[...lines].map(([queue, line]) => (
            <section key={queue} aria-label={queue} data-testid="waiting-queue" data-queue={queue}>
              <h3 className={classes['queue']}>
                {queue} <span className="faint num">{line.length}</span>
              </h3>
              <ol
                className={classes['line']}
                style={{ containIntrinsicSize: `auto ${line.length * ROW_HEIGHT}px` }}
              >
                {line.map((caller) => (
                  <WaitingRow key={`${caller.pbx} ${caller.uniqueid}`} caller={caller} />
                ))}
              </ol>
            </section>
          ))}
        </section>
      )}
    </Panel>
  )
})

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
      <span className={classes['menu']}>
        <WaitingMenu caller={caller} />
      </span>
    </li>
  )
})

function PromisedBy({ at }: { at: number | null }) {
  const { t } = useI18n()
  const place = useRef<HTMLSpanElement>(null)
  useTick((now) => {
    if (!place.current) return
    const passed = at !== null && now > at
    place.current.toggleAttribute('data-passed', passed)
    place.current.title = passed ? t('waiting.overdue') : ''
  })
  return (
    <span className={`${classes['right']} num`} ref={place}>
      {at === null ? '–' : timeOfDay(at)}
    </span>
  )
}
