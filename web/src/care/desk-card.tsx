/** On the desk: the callback at this agent's telephone, before anybody is on the line. */
import { VisuallyHidden } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { LOOK_MS } from '@/agent-work/use-work'
import { api } from '@/api/client'
import type { Callback } from '@/api/types'
import { Facts } from '@/common/panel'
import { TierBadge } from '@/common/tier-badge'
import { WordBadge } from '@/common/word-badge'
import { moment, phoneNumber } from '@/format'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import { useLive } from '@/stream/live'
import classes from './care.module.css'

export function CallbackCard() {
  const { may } = useSession()
  return may('care') ? <Card /> : null
}

function Card() {
  const { t } = useI18n()
  const told = useLive(({ callbacksTold }) => callbacksTold)
  const { data } = useQuery({
    queryKey: ['care', 'mine', told],
    queryFn: api.ownCallback,
    refetchInterval: LOOK_MS,
    placeholderData: (before) => before,
  })
  const callback = data?.callback
  return (
    <>
      <VisuallyHidden role="status">
        {callback ? `${t('care.desk')}, ${callback.name ?? t('unit.unknown_caller')}, ${callback.queue}` : ''}
      </VisuallyHidden>
      {callback ? <Shown callback={callback} /> : null}
    </>
  )
}

function Shown({ callback }: { callback: Callback }) {
  const { t, word, language } = useI18n()
  return (
    <article className={classes['card']} data-testid="callback-card" data-state={callback.state}>
      <div className={classes['who']}>
        <TierBadge tier={callback.tier} />
        <WordBadge tone="accent">{t('care.desk')}</WordBadge>
        <span className="quiet">{word('care.desk', callback.state)}</span>
      </div>
      <h3>{callback.name ?? t('unit.unknown_caller')}</h3>
      <Facts
        items={[
          [
            t('pop.number'),
            <span key="n" className="num">
              {phoneNumber(callback.number)}
            </span>,
          ],
          [t('pop.queue'), callback.queue],
          [t('care.reason'), callback.reason || word('callback.source', callback.source)],
          [t('care.step.ask'), moment(callback.created_at, language)],
        ]}
      />
    </article>
  )
}
