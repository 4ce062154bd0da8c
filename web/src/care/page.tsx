/** What is owed to customers: callbacks that were promised, and callers who gave up. */
import { Button, SegmentedControl } from '@mantine/core'
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, PAGE_SIZE } from '@/api/client'
import type { Callback, Rescue } from '@/api/types'
import { AgentName } from '@/common/agent-name'
import { Caller } from '@/common/caller'
import { FilterBar } from '@/common/filter-bar'
import { IconPhoneCall } from '@/common/icons'
import { useNotice } from '@/common/notice'
import { Pager } from '@/common/pager'
import { PageHead, Panel } from '@/common/panel'
import { EmptyNote, ErrorNote, LoadingRows } from '@/common/states'
import { type Column, DataTable } from '@/common/table'
import { TierBadge } from '@/common/tier-badge'
import { useFilters } from '@/common/use-filters'
import { WordBadge } from '@/common/word-badge'
import { moment } from '@/format'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import { StoryDrawer } from './drawer'
import { TimeLeft } from './time-left'
import { type Kind, STATES, type Stage, TONES } from './words'

type Owed = Callback | Rescue

export default function CarePage() {
  const { t } = useI18n()
  const filters = useFilters('all')
  const kind: Kind = filters.get('tab') === 'rescues' ? 'rescues' : 'callbacks'
  const stage: Stage = filters.get('stage') === 'ended' ? 'ended' : 'open'
  const [shown, show] = useState<string | null>(null)
  const query = {
    limit: PAGE_SIZE,
    offset: filters.offset,
    queue: filters.get('queue'),
    tier: filters.get('tier'),
  }
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['care', kind, stage, query],
    queryFn: () => api.owed(kind, STATES[kind][stage], query),
    placeholderData: (before, asked) => (asked?.queryKey[1] === kind ? keepPreviousData(before) : undefined),
    refetchInterval: 3_000,
  })
  return (
    <>
      <PageHead
        title={t('care.title')}
        note={t('care.sub')}
        right={
          <SegmentedControl
            size="sm"
            aria-label={t('care.title')}
            data={(['callbacks', 'rescues'] as const).map((value) => ({ value, label: t(`care.${value}`) }))}
            value={kind}
            onChange={(value) => filters.set('tab', value === 'callbacks' ? null : value)}
            data-testid="care-tabs"
          />
        }
      />
      <Panel flush testId="care">
        <FilterBar filters={filters} queue tier>
          <SegmentedControl
            size="xs"
            aria-label={t('care.state')}
            data={(['open', 'ended'] as const).map((value) => ({ value, label: t(`care.${value}`) }))}
            value={stage}
            onChange={(value) => filters.set('stage', value === 'open' ? null : value)}
            data-testid="care-stage"
          />
        </FilterBar>
        {isPending ? <LoadingRows rows={8} /> : null}
        {error && !data ? <ErrorNote error={error} retry={() => void refetch()} /> : null}
        {data && data.items.length === 0 ? (
          <EmptyNote
            title={t(`care.${kind}.empty.${stage}`)}
            detail={stage === 'open' ? t(`care.${kind}.empty.open.detail`) : undefined}
            icon={<IconPhoneCall size={22} stroke={1.6} />}
          />
        ) : null}
        {data && data.items.length > 0 ? (
          <>
            <OwedTable kind={kind} stage={stage} rows={data.items} open={(row) => show(row.id)} />
            <Pager
              total={data.total}
              offset={filters.offset}
              move={(to) => filters.set('offset', String(to))}
            />
          </>
        ) : null}
      </Panel>
      <StoryDrawer kind={kind} id={shown} close={() => show(null)} />
    </>
  )
}

interface OwedTableProps {
  kind: Kind
  stage: Stage
  rows: Owed[]
  open: (row: Owed) => void
}

function OwedTable({ kind, stage, rows, open }: OwedTableProps) {
  const { t, word, language } = useI18n()
  const columns: Column<Owed>[] = [
    {
      key: 'due',
      head: t(stage === 'open' ? 'care.due' : 'care.when'),
      width: '124px',
      phone: '92px',
      cell: (row) =>
        stage === 'open' ? (
          <TimeLeft until={row.due_at} />
        ) : (
          <span className="quiet num">{moment(row.changed_at, language)}</span>
        ),
    },
    {
      key: 'tier',
      head: t('filter.tier'),
      width: '110px',
      phone: '46px',
      cell: (row) => <TierBadge tier={row.tier} />,
    },
    {
      key: 'who',
      head: t('waiting.col.caller'),
      cell: (row) => <Caller name={row.name} number={row.number} />,
    },
    { key: 'queue', head: t('filter.queue'), width: '96px', phone: false, cell: (row) => row.queue },
    {
      key: 'state',
      head: t('care.state'),
      width: '174px',
      phone: false,
      cell: (row) => (
        <WordBadge tone={TONES[row.state] ?? 'plain'}>
          {word(kind === 'callbacks' ? 'callback' : 'rescue', row.state)}
        </WordBadge>
      ),
    },
    {
      key: 'agent',
      head: t('filter.agent'),
      width: '112px',
      phone: false,
      cell: (row) => <AgentName agent={row.agent} />,
    },
    {
      key: 'attempts',
      head: t('care.attempts'),
      width: '92px',
      phone: false,
      right: true,
      cell: (row) => row.attempts,
    },
    {
      key: 'act',
      head: '',
      width: '96px',
      phone: '92px',
      right: true,
      cell: (row) => <Act kind={kind} row={row} />,
    },
  ]
  return (
    <DataTable
      testId="care-table"
      label={t(`care.${kind}`)}
      minWidth={980}
      columns={columns}
      rows={rows}
      rowKey={(row) => row.id}
      open={open}
    />
  )
}

/** The next thing this person can do about it. */
function Act({ kind, row }: { kind: Kind; row: Owed }) {
  const { t } = useI18n()
  const { user } = useSession()
  const { attempt } = useNotice()
  const client = useQueryClient()
  const mine = 'claimed_by' in row ? row.claimed_by === user.login : row.agent === user.agent
  const free = kind === 'callbacks' ? row.state === 'waiting' && user.agent !== null : row.state === 'open'
  const act = free
    ? ('claim' as const)
    : row.state === 'claimed' && mine
      ? kind === 'rescues' && user.agent !== null
        ? ('call' as const)
        : ('release' as const)
      : null
  if (!act) return null
  return (
    <Button
      size="compact-sm"
      variant={act === 'call' ? 'filled' : 'light'}
      data-testid={`care-${act}`}
      onClick={async (event) => {
        event.stopPropagation()
        await attempt(() => api.care(kind, row.id, act))
        void client.invalidateQueries({ queryKey: ['care'] })
      }}
    >
      {t(`care.${act}`)}
    </Button>
  )
}
