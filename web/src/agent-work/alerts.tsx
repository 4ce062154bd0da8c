/** On the floor: agents who stay beyond a limit, and agents whom calls cannot reach. */
import { Panel } from '@/common/panel'
import { Ticking } from '@/common/ticking'
import { WordBadge } from '@/common/word-badge'
import { clock } from '@/format'
import { isTextKey, useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import { useAlerts, useReasons } from './use-work'
import classes from './work.module.css'

export function WorkAlerts() {
  const { may } = useSession()
  return may('control_agents') ? <Alerts /> : null
}

function Alerts() {
  const { t, words } = useI18n()
  const { data } = useAlerts()
  const reasons = useReasons()
  const nameOf = (code: string) => words(reasons.find((one) => one.code === code)?.name ?? code)
  const causeOf = (cause: string) => {
    const key = `lost.cause.${cause}`
    return isTextKey(key) ? t(key) : cause
  }
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
          <li key={`u ${one.agent}`} className={classes['between']} data-testid="work-alert">
            <span className="cut">
              {one.name} <WordBadge tone="bad">{causeOf(one.cause)}</WordBadge>
            </span>
            <Ticking since={one.since} />
          </li>
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
