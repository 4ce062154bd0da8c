import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from 'react-router'
import { CallDispositions } from '@/agent-work/call-dispositions'
import { api } from '@/api/client'
import type { CallDetail } from '@/api/types'
import { BackLink } from '@/common/back-link'
import { Facts, PageHead, Panel } from '@/common/panel'
import { ErrorNote, LoadingRows } from '@/common/states'
import { Ticking } from '@/common/ticking'
import { TierBadge } from '@/common/tier-badge'
import { Timeline } from '@/common/timeline'
import { OutcomeBadge, WordBadge } from '@/common/word-badge'
import { clock, dayAndTime, mentionId, mentionName, toDate } from '@/format'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import { DialNumber } from '@/softphone/number'
import { DecisionPanel } from './decision'
import classes from './detail.module.css'
import { Journey } from './journey'
import { Offers, Segments, Transfers } from './legs'
import { directionKey } from './page'
import { CallRecordings } from './recordings'
import { CallSound } from './sound'
import { useStory } from './use-story'

export default function CallPage() {
  const { id = '' } = useParams()
  const { t } = useI18n()
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['call', id],
    queryFn: () => api.call(id),
  })
  return (
    <>
      <BackLink to="/calls">{t('calls.title')}</BackLink>
      {isPending ? <LoadingRows rows={8} height={44} /> : null}
      {error && !data ? <ErrorNote error={error} retry={() => void refetch()} tall /> : null}
      {data ? <Call call={data} /> : null}
    </>
  )
}

function Call({ call }: { call: CallDetail }) {
  const { t } = useI18n()
  const { may } = useSession()
  const story = useStory(call.timeline)
  const name = mentionName(call.customer, call.caller_name) ?? t('unit.unknown_caller')
  return (
    <div data-testid="call-detail" data-call={call.call_id}>
      <PageHead
        title={
          <span className={classes['title']}>
            <TierBadge tier={call.tier} large />
            <span className={classes['name']}>{name}</span>
          </span>
        }
        note={
          call.caller_number ? (
            <span className="num">
              <DialNumber number={call.caller_number} />
            </span>
          ) : (
            t('unit.withheld')
          )
        }
        right={
          <WordBadge tone={call.ended_at ? 'plain' : 'accent'}>{t(directionKey(call.direction))}</WordBadge>
        }
      />
      <div className={classes['columns']}>
        <div className={classes['stack']}>
          <Panel title={t('call.journey')} testId="call-journey">
            <Summary call={call} />
            <Journey call={call} />
          </Panel>
          {may('listen') ? <CallRecordings call={call.call_id} /> : null}
          <div className={classes['pair']}>
            <Offers offers={call.offers} />
            <Segments segments={call.segments} />
          </div>
          <CallDispositions call={call.call_id} />
          <Transfers transfers={call.transfers} />
          <CallSound call={call.call_id} />
        </div>
        <div className={classes['stack']}>
          <DecisionPanel call={call.call_id} />
          <Panel title={t('call.timeline')} testId="call-timeline">
            <Timeline entries={story} />
          </Panel>
        </div>
      </div>
    </div>
  )
}

function Summary({ call }: { call: CallDetail }) {
  const { t, language } = useI18n()
  const customer = mentionId(call.customer)
  const began = toDate(call.started_at)
  const over = toDate(call.ended_at)
  const whole = began && over ? (over.getTime() - began.getTime()) / 1000 : null
  const outcome = call.visits.at(-1)?.outcome
  return (
    <Facts
      items={[
        [
          t('calls.col.started'),
          <span key="s" className="num">
            {dayAndTime(call.started_at, language)}
          </span>,
        ],
        [
          t('recordings.length'),
          <span key="l" className="num">
            {whole === null ? <Ticking since={call.started_at} /> : clock(whole)}
          </span>,
        ],
        [
          t('filter.outcome'),
          call.visits.length > 0 ? <OutcomeBadge key="o" outcome={outcome} /> : <span key="o">–</span>,
        ],
        [
          t('call.customer'),
          customer ? (
            <Link key="c" className={classes['link'] ?? ''} to={`/customers/${encodeURIComponent(customer)}`}>
              {mentionName(call.customer, call.caller_name) ?? customer}
            </Link>
          ) : (
            '–'
          ),
        ],
      ]}
    />
  )
}
