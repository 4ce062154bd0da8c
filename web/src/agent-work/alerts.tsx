/** On the floor: agents who stay beyond a limit, and agents whom calls cannot reach. */
import { Button } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useNotice } from '@/common/notice'
import { Panel } from '@/common/panel'
import { Ticking } from '@/common/ticking'
import { WordBadge } from '@/common/word-badge'
import { clock } from '@/format'
import { isTextKey, useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import { type Unreachable, workApi } from './api'
import { useAlerts, useReasonName } from './use-work'
import classes from './work.module.css'

export function WorkAlerts() {
  const { may } = useSession()
  return may('control_agents') ? <Alerts /> : null
}

function Alerts() {
  const { t } = useI18n()
  const { data } = useAlerts()
  const nameOf = useReasonName()
  const limits = data?.limits ?? []
  const unreachable = data?.unreachable ?? []
  if (limits.length + unreachable.length === 0) return null
  return (
    <Panel
      title={t('alerts.title')}
      right={<b className="num">{limits.length + unreachable.length}</b>}
      testId="work-alerts"
      className={classes['alerts']}
    >
      <ul className={classes['list']}>
        {unreachable.map((one) => (
          <Lost key={`u ${one.agent}`} one={one} />
        ))}
        {limits.map((one) => (
          <li key={`${one.limit} ${one.agent}`} className={classes['between']} data-testid="work-alert">
            <span className="cut">
              {one.name}{' '}
              <span className="quiet">
                {t(one.limit === 'day' ? 'alerts.over.day' : 'alerts.over', {
                  reason: nameOf(one.reason),
                  limit: clock(one.limit_seconds),
                })}
              </span>
            </span>
            <Ticking since={one.since} />
          </li>
        ))}
      </ul>
    </Panel>
  )
}

/** What to tell him, and the same button he has himself. */
function Lost({ one }: { one: Unreachable }) {
  const { t } = useI18n()
  const { attempt } = useNotice()
  const client = useQueryClient()
  const said = (key: string) => (isTextKey(key) ? t(key) : one.cause)
  const here = () =>
    void attempt(() => workApi.here(one.agent)).then(() => client.invalidateQueries({ queryKey: ['alerts'] }))
  return (
    <li className={classes['between']} data-testid="work-alert" data-cause={one.cause}>
      <span>
        {one.name} <WordBadge tone="bad">{said(`lost.cause.${one.cause}`)}</WordBadge>{' '}
        {one.page_hidden ? <WordBadge tone="bad">{t('lost.cause.hidden')}</WordBadge> : null}{' '}
        <span className="quiet">{t('alerts.tell', { steps: said(`lost.steps.${one.cause}`) })}</span>
      </span>
      <span className={classes['row']}>
        <Button size="compact-xs" variant="default" onClick={here} data-testid="alert-here">
          {t('alerts.here')}
        </Button>
        <Ticking since={one.since} />
      </span>
    </li>
  )
}
