/** Each queue visit as a bar: waiting, talking, holding, in proportion. */
import type { CallDetail, Visit } from '@/api/types'
import { AgentName } from '@/common/agent-name'
import { OutcomeBadge } from '@/common/word-badge'
import { clock, timeOfDay } from '@/format'
import { useI18n } from '@/i18n'
import classes from './detail.module.css'

/** Shares of the bar that have room for a word, and for a time alone. */
const WORDY = 0.15
const SPARE = 0.07

export function Journey({ call }: { call: CallDetail }) {
  const longest = Math.max(1, ...call.visits.map(length))
  if (call.visits.length === 0) return null
  return (
    <div className={classes['journey']}>
      {call.visits.map((visit) => (
        <VisitBar key={`${visit.queue} ${visit.joined_at}`} visit={visit} longest={longest} />
      ))}
    </div>
  )
}

const length = (visit: Visit) =>
  (visit.wait_seconds ?? 0) + (visit.talk_seconds ?? 0) + (visit.hold_seconds ?? 0)

function VisitBar({ visit, longest }: { visit: Visit; longest: number }) {
  const { t, word } = useI18n()
  const parts = (['wait', 'talk', 'hold'] as const)
    .map((part) => ({ part, seconds: visit[`${part}_seconds`] ?? 0 }))
    .filter(({ seconds }) => seconds > 0)
  return (
    <div className={classes['visit']} data-testid="visit">
      <div className={classes['visitHead']}>
        <strong>{visit.queue}</strong>
        <OutcomeBadge outcome={visit.outcome} />
        <span className="faint num">{timeOfDay(visit.joined_at)}</span>
        {visit.original_position ? (
          <span className="faint">{t('call.position', { n: visit.original_position })}</span>
        ) : null}
        {visit.agent ? (
          <span className="quiet">
            <AgentName agent={visit.agent} />
          </span>
        ) : null}
        {visit.ended_by ? (
          <span className="faint">
            {t('call.endedby')}: {word('by', visit.ended_by)}
          </span>
        ) : null}
      </div>
      {parts.length === 0 ? null : (
        <div
          className={classes['bar']}
          style={{ width: `${Math.max(12, (length(visit) / longest) * 100)}%` }}
        >
          {parts.map(({ part, seconds }) => (
            <span
              key={part}
              data-part={part}
              style={{ flexGrow: seconds, flexBasis: 0 }}
              title={`${t(`call.${part}`)} ${clock(seconds)}`}
            >
              {seconds / longest > WORDY ? `${t(`call.${part}`)} ` : ''}
              {seconds / longest > SPARE ? clock(seconds) : ''}
            </span>
          ))}
        </div>
      )}
    </div>
  )
}
