import { ActionIcon } from '@mantine/core'
import { memo, useEffect } from 'react'
import type { Pop } from '@/api/types'
import { useAgentName } from '@/common/agent-name'
import { IconX } from '@/common/icons'
import { isTier, TierBadge } from '@/common/tier-badge'
import { clock, phoneNumber, plainWords } from '@/format'
import { isTextKey, useI18n } from '@/i18n'
import { DialNumber } from '@/softphone/number'
import { useLiveStore } from '@/stream/live'
import { isOpen } from '@/stream/reducer'
import { Contacts } from './contacts'
import { Matters } from './matters'
import classes from './pop-card.module.css'
import { PopLinks } from './pop-links'
import { promise, strangerText } from './pop-words'
import { useRendered } from './use-rendered'

const WITHDRAWN_SHOWN_MS = 8000

export const PopCard = memo(function PopCard({ pop, compact = false }: { pop: Pop; compact?: boolean }) {
  const store = useLiveStore()
  useRendered(pop.id, pop.at, isOpen(pop))

  useEffect(() => {
    if (pop.state !== 'withdrawn') return
    const timer = setTimeout(() => store?.dismiss(pop.id), WITHDRAWN_SHOWN_MS)
    return () => clearTimeout(timer)
  }, [pop.state, pop.id, store])

  return <CardFace pop={pop} compact={compact} dismiss={() => store?.dismiss(pop.id)} />
})

/** What is seen of it, and nothing else: drawing it tells nobody. */
export function CardFace({ pop, compact, dismiss }: { pop: Pop; compact: boolean; dismiss: () => void }) {
  const { t, word, words } = useI18n()
  const nameOf = useAgentName()
  const open = isOpen(pop)
  const name = pop.customer?.name ?? pop.name
  return (
    <article
      className={classes['card']}
      data-testid="pop"
      data-pop={pop.id}
      data-call={pop.call}
      data-state={pop.state}
      data-tier={isTier(pop.tier) ? pop.tier : 'none'}
      data-compact={compact || undefined}
    >
      <header className={classes['head']}>
        <TierBadge tier={pop.tier} large />
        <span className={classes['state']} data-state={pop.state} data-testid="pop-state">
          {t(`pop.${pop.state}`)}
        </span>
        {open ? null : (
          <ActionIcon aria-label={t('pop.dismiss')} onClick={dismiss} data-testid="pop-dismiss">
            <IconX size={16} />
          </ActionIcon>
        )}
      </header>
      <div className={classes['who']}>
        <h3 data-testid="pop-name" title={name ?? undefined}>
          {name || t('unit.unknown_caller')}
        </h3>
        <span className={`${classes['line']} quiet cut`}>
          {pop.customer ? pop.customer.company : t(strangerText(pop))}
          {pop.customer?.language
            ? `${pop.customer.company ? ' · ' : ''}${word('lang', pop.customer.language)}`
            : ''}
        </span>
        <span className={`${classes['line']} ${classes['value']} cut`}>{pop.customer?.value_note}</span>
        {compact ? null : (
          <span
            className={`${classes['line']} ${classes['note']} quiet cut`}
            title={pop.customer?.note ?? undefined}
            data-testid="pop-note"
          >
            {pop.customer?.note}
          </span>
        )}
      </div>
      <dl className={classes['facts']}>
        <div>
          <dt>{t('pop.number')}</dt>
          <dd className="num" data-testid="pop-number">
            {pop.number ? <DialNumber number={pop.number} /> : t('unit.withheld')}
          </dd>
        </div>
        <div>
          <dt>{t('pop.queue')}</dt>
          <dd data-testid="pop-queue">{pop.queue ?? '–'}</dd>
        </div>
        <div>
          <dt>{t('pop.waited')}</dt>
          <dd className="num" data-testid="pop-waited">
            <Waited pop={pop} />
          </dd>
        </div>
        {compact ? null : <MoreFacts pop={pop} />}
      </dl>
      {!open && pop.reason ? (
        <p className={classes['over']} data-testid="pop-reason">
          {reasonText(pop.reason, t)}
        </p>
      ) : null}
      {open ? (
        <div className={classes['why']}>
          {pop.position_note ? (
            <p data-testid="pop-why">
              <b>{t('pop.why')}</b> {words(pop.position_note)}
            </p>
          ) : null}
          {pop.passed_by ? <p>{t('pop.passed', { who: nameOf(String(pop.passed_by)) })}</p> : null}
          {pop.tier_source && !compact ? (
            <p className="faint cut" title={pop.tier_reason?.reason}>
              {t('pop.source', { source: word('source', pop.tier_source) })}
              {pop.tier_reason ? ` · ${pop.tier_reason.reason}` : ''}
            </p>
          ) : null}
        </div>
      ) : null}
      {compact ? null : <Matters pop={pop} />}
      {compact ? null : <Contacts pop={pop} />}
      {compact ? null : <PopLinks pop={pop} />}
    </article>
  )
}

function reasonText(reason: string, t: ReturnType<typeof useI18n>['t']): string {
  const key = `pop.withdrawn.${reason}`
  return isTextKey(key) ? t(key) : plainWords(reason)
}

/** The wait as the switch told it when the phone began to ring: it does not go on on this screen. */
function Waited({ pop }: { pop: Pop }) {
  return <>{pop.waited_seconds === null ? '–' : clock(pop.waited_seconds)}</>
}

function MoreFacts({ pop }: { pop: Pop }) {
  const { t } = useI18n()
  const promised = promise(pop)
  return (
    <>
      <div>
        <dt>{t('pop.dialled')}</dt>
        <dd className="num cut" data-testid="pop-dialled">
          {pop.dialled ? phoneNumber(pop.dialled) : '–'}
        </dd>
      </div>
      <div>
        <dt>{t('pop.promised')}</dt>
        <dd
          className="num"
          data-late={promised && promised.late > 0 ? true : undefined}
          data-testid="pop-promised"
        >
          {promised ? clock(promised.told) : '–'}
          {promised && promised.late >= 1 ? ` ${t('pop.promised.late', { time: clock(promised.late) })}` : ''}
        </dd>
      </div>
    </>
  )
}
