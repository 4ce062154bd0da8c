import { Link } from 'react-router'
import type { CustomerContact, HistoryLine, TierChange } from '@/api/types'
import { useAgentName } from '@/common/agent-name'
import { Panel } from '@/common/panel'
import { EmptyNote } from '@/common/states'
import { TierBadge } from '@/common/tier-badge'
import { OutcomeBadge } from '@/common/word-badge'
import { clock, dayAndTime } from '@/format'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import classes from './detail.module.css'

const isTierChange = (line: HistoryLine): line is TierChange => line.kind === 'tier'

/** What happened between the customer and us, newest first. */
export function History({ lines }: { lines: HistoryLine[] }) {
  const { t } = useI18n()
  if (lines.length === 0) return <EmptyNote title={t('customers.timeline.none')} />
  const sorted = lines.toSorted((a, b) => b.at - a.at)
  return (
    <ol className={classes['lines']}>
      {sorted.map((line) => (
        <li key={`${line.kind} ${line.at}`} data-testid="history-line" data-kind={line.kind}>
          {isTierChange(line) ? <TierLine line={line} /> : <ContactLine line={line} />}
        </li>
      ))}
    </ol>
  )
}

function ContactLine({ line }: { line: CustomerContact }) {
  const { t, language } = useI18n()
  const { may } = useSession()
  const nameOf = useAgentName()
  const at = <span className="num">{dayAndTime(line.at, language)}</span>
  return (
    <>
      <span className="quiet">
        {may('see_calls') ? <Link to={`/calls/${encodeURIComponent(line.call)}`}>{at}</Link> : at}
      </span>
      <OutcomeBadge outcome={line.outcome} />
      <span className="cut">
        {[line.queue, line.agent && nameOf(line.agent)].filter(Boolean).join(' · ') || '–'}
      </span>
      <span className="quiet num">
        {line.talk_seconds ? `${t('call.talk')} ${clock(line.talk_seconds)}` : ''}
      </span>
    </>
  )
}

function TierLine({ line }: { line: TierChange }) {
  const { language } = useI18n()
  return (
    <>
      <span className="quiet num">{dayAndTime(line.at, language)}</span>
      <span className={classes['change']}>
        {line.from_tier ? (
          <>
            <TierBadge tier={line.from_tier} />
            <span className="faint">→</span>
          </>
        ) : null}
        <TierBadge tier={line.to_tier} />
      </span>
      <span className="quiet cut" title={line.reason}>
        {line.reason}
      </span>
      <span className="faint cut">{line.actor}</span>
    </>
  )
}

export function TierHistory({ lines }: { lines: HistoryLine[] }) {
  const { t } = useI18n()
  const changes = lines.filter(isTierChange).toSorted((a, b) => b.at - a.at)
  return (
    <Panel title={t('customers.tierhistory')} flush testId="tier-history">
      {changes.length === 0 ? (
        <p className={`${classes['none']} faint`}>{t('customers.tierhistory.none')}</p>
      ) : (
        <ol className={`${classes['lines']} ${classes['tiers']}`}>
          {changes.map((line) => (
            <li key={line.at}>
              <TierLine line={line} />
            </li>
          ))}
        </ol>
      )}
    </Panel>
  )
}
