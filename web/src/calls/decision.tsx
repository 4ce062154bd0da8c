/** Why this caller stood where they stood, in words and in the numbers behind them. */
import { useQuery } from '@tanstack/react-query'
import { ApiError, api } from '@/api/client'
import type { Decision } from '@/api/types'
import { Facts, Panel } from '@/common/panel'
import { ErrorNote, LoadingRows } from '@/common/states'
import { TierBadge } from '@/common/tier-badge'
import { clock, timeOfDay } from '@/format'
import { useI18n } from '@/i18n'
import classes from './detail.module.css'

export function DecisionPanel({ call }: { call: string }) {
  const { t } = useI18n()
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['decision', call],
    queryFn: () => api.decision(call),
  })
  const none = error instanceof ApiError && error.status === 404
  return (
    <Panel title={t('call.why')} testId="call-decision">
      {isPending ? <LoadingRows rows={3} height={22} /> : null}
      {none ? <span className="faint">{t('call.why.none')}</span> : null}
      {error && !none && !data ? <ErrorNote error={error} retry={() => void refetch()} /> : null}
      {data ? <Why decision={data} /> : null}
    </Panel>
  )
}

function Why({ decision }: { decision: Decision }) {
  const { t, word, words } = useI18n()
  const took = decision.took_seconds
  return (
    <>
      <ul className={classes['reasons']} data-testid="decision-reasons">
        {decision.explanations.map((sentence) => (
          <li key={sentence.en}>{words(sentence)}</li>
        ))}
      </ul>
      <Facts
        items={[
          [t('call.why.tier'), <TierBadge key="t" tier={decision.tier} />],
          [t('call.why.source'), word('source', decision.tier_source)],
          [t('call.why.credit'), <Num key="c" text={clock(decision.credit_seconds)} />],
          [t('call.why.joined'), <Num key="j" text={timeOfDay(decision.joined_at)} />],
          [t('call.why.virtual'), <Num key="v" text={timeOfDay(decision.virtual_arrival_at)} />],
          [t('call.why.position'), <Num key="p" text={decision.position_at_join?.toString() ?? '–'} />],
          [t('call.why.priority'), <Num key="q" text={decision.priority?.toString() ?? '–'} />],
          [t('call.why.result'), word('decision', decision.result)],
          [t('call.why.took'), <Num key="k" text={duration(took)} />],
        ]}
      />
      {decision.corrections.length > 0 ? (
        <ul className={classes['corrections']} data-testid="decision-corrections">
          <li>
            <b>{t('call.why.corrections')}</b>
          </li>
          {decision.corrections.map((change) => (
            <li key={change.at}>
              <span className="faint num">{timeOfDay(change.at)}</span> {change.from ?? '–'} →{' '}
              {change.to ?? '–'}
              {change.why ? ` · ${words(change.explanation)}` : ''}
            </li>
          ))}
        </ul>
      ) : null}
    </>
  )
}

/** A decision of microseconds did not take nothing. */
function duration(seconds: number | null): string {
  if (seconds === null) return '–'
  return seconds < 0.00005 ? '< 0.1 ms' : `${(seconds * 1000).toFixed(1)} ms`
}

function Num({ text }: { text: string }) {
  return <span className="num">{text}</span>
}
