import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useNavigate } from 'react-router'
import { api, PAGE_SIZE } from '@/api/client'
import type { CallItem } from '@/api/types'
import { AgentName } from '@/common/agent-name'
import { Caller } from '@/common/caller'
import { FilterBar } from '@/common/filter-bar'
import { Pager } from '@/common/pager'
import { PageHead, Panel } from '@/common/panel'
import { EmptyNote, ErrorNote, LoadingRows } from '@/common/states'
import { type Column, DataTable } from '@/common/table'
import { TierBadge } from '@/common/tier-badge'
import { useFilters } from '@/common/use-filters'
import { OutcomeBadge } from '@/common/word-badge'
import { clock, mentionName, moment } from '@/format'
import { type I18n, useI18n } from '@/i18n'
import { CountedFilters } from './counted-filters'

const OUTCOMES = [
  'answered',
  'abandoned',
  'timeout',
  'leave_empty',
  'key_exit',
  'withdrawn',
  'transferred_out',
  'lost',
]

function columns({ t, language }: I18n): Column<CallItem>[] {
  return [
    {
      key: 'started',
      head: t('calls.col.started'),
      width: '116px',
      phone: '84px',
      cell: (call) => <span className="quiet num">{moment(call.started_at, language)}</span>,
    },
    {
      key: 'tier',
      head: t('filter.tier'),
      width: '104px',
      phone: '46px',
      cell: (call) => <TierBadge tier={call.tier} />,
    },
    {
      key: 'caller',
      head: t('calls.col.caller'),
      cell: (call) => (
        <Caller name={mentionName(call.customer, call.caller_name)} number={call.caller_number} />
      ),
    },
    {
      key: 'queue',
      head: t('filter.queue'),
      width: '13%',
      phone: false,
      cell: (call) => <span title={call.queue ?? undefined}>{call.queue ?? '–'}</span>,
    },
    {
      key: 'outcome',
      head: t('filter.outcome'),
      width: '132px',
      phone: '98px',
      cell: (call) =>
        call.queue || call.outcome ? (
          <OutcomeBadge outcome={call.outcome} />
        ) : (
          t(directionKey(call.direction))
        ),
    },
    {
      key: 'agent',
      head: t('filter.agent'),
      width: '15%',
      phone: false,
      cell: (call) => <AgentName agent={call.agent} />,
    },
    {
      key: 'wait',
      head: t('calls.col.wait'),
      width: '66px',
      phone: false,
      right: true,
      cell: (call) => clock(call.wait_seconds),
    },
    {
      key: 'talk',
      head: t('calls.col.talk'),
      width: '66px',
      phone: false,
      right: true,
      cell: (call) => clock(call.talk_seconds || null),
    },
  ]
}

export function directionKey(direction: string) {
  return direction === 'outbound'
    ? 'calls.outbound'
    : direction === 'internal'
      ? 'calls.internal'
      : 'calls.inbound'
}

/** A call may stand in the list several times, once for each visit. */
const countedKey = (call: CallItem) => `${call.call_id} ${call.started_at} ${call.agent ?? ''}`

export default function CallsPage() {
  const i18n = useI18n()
  const { t } = i18n
  const navigate = useNavigate()
  const filters = useFilters('all')
  const query = {
    limit: PAGE_SIZE,
    offset: filters.offset,
    search: filters.get('search'),
    queue: filters.get('queue'),
    agent: filters.get('agent'),
    tier: filters.get('tier'),
    outcome: filters.get('outcome'),
    each: filters.get('each'),
    fate: filters.get('fate'),
    waited: filters.get('waited'),
    ...filters.bounds,
  }
  const counted = query.each !== ''
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['calls', query],
    queryFn: () => api.calls(query),
    placeholderData: keepPreviousData,
    refetchInterval: filters.offset === 0 ? 10_000 : false,
  })
  const shown = useMemo(() => columns(i18n), [i18n])
  return (
    <>
      <PageHead title={t('calls.title')} note={t('calls.sub')} />
      <Panel flush testId="calls">
        <FilterBar
          filters={filters}
          search={counted ? undefined : 'calls.search'}
          periods={counted ? ['hour', 'today', 'week', 'own'] : ['hour', 'today', 'week', 'all', 'own']}
          defaultPeriod={counted ? 'today' : 'all'}
          queue
          agent
          tier
          untiered
          choice={{ name: 'outcome', label: 'filter.outcome', options: OUTCOMES, area: 'outcome' }}
        >
          <CountedFilters filters={filters} total={data?.total} />
        </FilterBar>
        {isPending ? <LoadingRows rows={10} /> : null}
        {error && !data ? <ErrorNote error={error} retry={() => void refetch()} /> : null}
        {data && data.items.length === 0 ? (
          <EmptyNote title={t('calls.empty')} detail={t('calls.empty.detail')} />
        ) : null}
        {data && data.items.length > 0 ? (
          <>
            <DataTable
              testId="calls-table"
              label={t('calls.title')}
              minWidth={860}
              columns={shown}
              rows={data.items}
              rowKey={counted ? countedKey : (call) => call.call_id}
              open={(call) => void navigate(`/calls/${encodeURIComponent(call.call_id)}`)}
            />
            <Pager
              total={data.total}
              offset={filters.offset}
              move={(to) => filters.set('offset', String(to))}
            />
          </>
        ) : null}
      </Panel>
    </>
  )
}
