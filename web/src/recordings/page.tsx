import { Button } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useMemo } from 'react'
import { Link } from 'react-router'
import { api, PAGE_SIZE } from '@/api/client'
import type { Recording } from '@/api/types'
import { AgentName } from '@/common/agent-name'
import { FilterBar } from '@/common/filter-bar'
import { IconWaveSine } from '@/common/icons'
import { Pager } from '@/common/pager'
import { PageHead, Panel } from '@/common/panel'
import { EmptyNote, ErrorNote, LoadingNote, LoadingRows } from '@/common/states'
import { type Column, DataTable } from '@/common/table'
import { TierBadge } from '@/common/tier-badge'
import { useFilters } from '@/common/use-filters'
import { RecordingBadge } from '@/common/word-badge'
import { bytes, clock, moment } from '@/format'
import { type I18n, useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import { MoreFilters, moreQuery } from './more-filters'
import classes from './page.module.css'

const Player = lazy(() => import('./player'))
const STATES = ['stored', 'expected', 'missing', 'excluded', 'erased']

function columns({ t, language }: I18n): Column<Recording>[] {
  return [
    {
      key: 'started',
      head: t('calls.col.started'),
      width: '116px',
      phone: '84px',
      cell: (row) => <span className="quiet num">{moment(row.started_at, language)}</span>,
    },
    {
      key: 'tier',
      head: t('filter.tier'),
      width: '108px',
      phone: '46px',
      cell: (row) => <TierBadge tier={row.tier} />,
    },
    {
      key: 'agent',
      head: t('filter.agent'),
      width: '24%',
      phone: '32%',
      cell: (row) => <AgentName agent={row.agent} />,
    },
    { key: 'queue', head: t('filter.queue'), width: '18%', phone: false, cell: (row) => row.queue ?? '–' },
    {
      key: 'state',
      head: t('filter.state'),
      phone: '74px',
      cell: (row) => (
        <span className="cut" title={row.reason ?? undefined}>
          <RecordingBadge state={row.state} />
          {row.reason ? <span className={`${classes['reason']} faint`}>{row.reason}</span> : null}
        </span>
      ),
    },
    {
      key: 'length',
      head: t('recordings.length'),
      width: '74px',
      phone: '56px',
      right: true,
      cell: (row) => clock(row.duration_seconds),
    },
    {
      key: 'size',
      head: t('recordings.size'),
      width: '82px',
      phone: false,
      right: true,
      cell: (row) => <span className="faint">{bytes(row.size_bytes)}</span>,
    },
  ]
}

export default function RecordingsPage() {
  const i18n = useI18n()
  const { t } = i18n
  const filters = useFilters('all')
  const query = {
    limit: PAGE_SIZE,
    offset: filters.offset,
    queue: filters.get('queue'),
    agent: filters.get('agent'),
    tier: filters.get('tier'),
    state: filters.get('state'),
    ...moreQuery(filters),
    ...filters.bounds,
  }
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['recordings', query],
    queryFn: () => api.recordings(query),
    placeholderData: keepPreviousData,
    refetchInterval: filters.offset === 0 ? 10_000 : false,
  })
  const shown = useMemo(() => columns(i18n), [i18n])
  const chosen = data?.items.find((row) => row.id === filters.get('play'))
  return (
    <>
      <PageHead title={t('recordings.title')} note={t('recordings.sub')} />
      <Panel className={classes['listen']} testId="recording-player">
        {chosen ? (
          <Listen recording={chosen} />
        ) : (
          <div className={classes['pick']}>
            <IconWaveSine size={20} stroke={1.6} /> {t('recordings.pick')}
          </div>
        )}
      </Panel>
      <Panel flush testId="recordings">
        <FilterBar
          filters={filters}
          periods={['hour', 'today', 'week', 'all', 'own']}
          queue
          agent
          tier
          choice={{ name: 'state', label: 'filter.state', options: STATES, area: 'recording' }}
        >
          <MoreFilters filters={filters} />
        </FilterBar>
        {isPending ? <LoadingRows rows={8} /> : null}
        {error && !data ? <ErrorNote error={error} retry={() => void refetch()} /> : null}
        {data && data.items.length === 0 ? (
          <EmptyNote title={t('recordings.empty')} detail={t('recordings.empty.detail')} />
        ) : null}
        {data && data.items.length > 0 ? (
          <>
            <DataTable
              testId="recordings-table"
              label={t('recordings.title')}
              minWidth={780}
              columns={shown}
              rows={data.items}
              rowKey={(row) => row.id}
              chosen={(row) => row.id === chosen?.id}
              open={(row) => filters.setMany({ play: row.id, offset: filters.get('offset') })}
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

function Listen({ recording }: { recording: Recording }) {
  const { t, language } = useI18n()
  const { may } = useSession()
  return (
    <div className={classes['stack']}>
      <div className={classes['head']}>
        <TierBadge tier={recording.tier} />
        <strong className="cut">{recording.queue}</strong>
        <span className="quiet">
          {t('filter.agent')} <AgentName agent={recording.agent} />
        </span>
        <span className="faint num">{moment(recording.started_at, language)}</span>
        <span className={classes['links']}>
          <Button
            component={Link}
            variant="default"
            to={`/recordings/${encodeURIComponent(recording.id)}`}
            data-testid="recording-open"
          >
            {t('recordings.open')}
          </Button>
          {may('see_calls') ? (
            <Button component={Link} variant="default" to={`/calls/${encodeURIComponent(recording.call)}`}>
              {t('recordings.call')}
            </Button>
          ) : null}
          {recording.review && may('review') ? (
            <Button component={Link} variant="light" to={`/reviews/${encodeURIComponent(recording.review)}`}>
              {t('recordings.review')}
            </Button>
          ) : null}
        </span>
      </div>
      {recording.state === 'stored' ? (
        <Suspense fallback={<LoadingNote />}>
          <Player key={recording.id} recording={recording.id} />
        </Suspense>
      ) : (
        <span className="quiet">
          <RecordingBadge state={recording.state} /> {recording.reason}
        </span>
      )}
    </div>
  )
}
