/** What was asked of agents, and whether later calls show it. */
import { Switch } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate } from 'react-router'
import { PAGE_SIZE } from '@/api/client'
import { AgentName } from '@/common/agent-name'
import { Pager } from '@/common/pager'
import { PageHead, Panel } from '@/common/panel'
import { EmptyNote, ErrorNote, LoadingRows } from '@/common/states'
import { type Column, DataTable } from '@/common/table'
import { useFilters } from '@/common/use-filters'
import { type Tone, WordBadge } from '@/common/word-badge'
import { day } from '@/format'
import { useI18n } from '@/i18n'
import { judging, type Task } from './api'
import { QualitySections } from './sections'

const TONES: Record<Task['state'], Tone> = {
  asked: 'accent',
  acknowledged: 'accent',
  met: 'good',
  dropped: 'plain',
}

export function TaskState({ task }: { task: Task }) {
  const { t } = useI18n()
  const open = task.state === 'asked' || task.state === 'acknowledged'
  if (open && task.recheck_at < Date.now() / 1000) return <WordBadge tone="warn">{t('coach.late')}</WordBadge>
  return (
    <WordBadge tone={TONES[task.state]} testId="task-state">
      {t(`coach.${task.state}`)}
    </WordBadge>
  )
}

export default function CoachingPage() {
  const { t, language } = useI18n()
  const filters = useFilters()
  const navigate = useNavigate()
  const open = filters.get('all') !== 'yes'
  const query = { open: open || undefined, limit: PAGE_SIZE, offset: filters.offset }
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['coaching', query],
    queryFn: () => judging.tasks(query),
    placeholderData: keepPreviousData,
  })
  const columns: Column<Task>[] = [
    {
      key: 'agent',
      head: t('filter.agent'),
      width: '150px',
      phone: '100px',
      cell: (row) => <AgentName agent={row.agent} />,
    },
    {
      key: 'behaviour',
      head: t('coach.behaviour'),
      phone: false,
      cell: (row) => (
        <span className="cut" title={row.behaviour}>
          {row.behaviour}
        </span>
      ),
    },
    {
      key: 'target',
      head: t('coach.target'),
      cell: (row) => (
        <span className="cut" title={row.target}>
          {row.target}
        </span>
      ),
    },
    {
      key: 'seen',
      head: t('coach.seen'),
      width: '130px',
      phone: false,
      cell: (row) =>
        row.seen_calls > 0 ? t('coach.seen.n', { n: row.seen_calls }) : <span className="faint">–</span>,
    },
    {
      key: 'recheck',
      head: t('coach.recheck'),
      width: '120px',
      phone: false,
      cell: (row) => <span className="num">{day(row.recheck_at, language)}</span>,
    },
    {
      key: 'state',
      head: t('coach.state'),
      width: '90px',
      phone: '78px',
      cell: (row) => <TaskState task={row} />,
    },
  ]
  return (
    <div data-testid="coaching-page">
      <PageHead
        title={t('coach.title')}
        note={t('coach.sub')}
        right={
          <Switch
            size="xs"
            label={t('coach.open')}
            checked={open}
            onChange={(event) => filters.set('all', event.currentTarget.checked ? null : 'yes')}
          />
        }
      />
      <QualitySections />
      <Panel flush>
        {isPending ? <LoadingRows rows={5} /> : null}
        {error && !data ? <ErrorNote error={error} retry={() => void refetch()} /> : null}
        {data && data.items.length === 0 ? <EmptyNote title={t('coach.empty')} /> : null}
        {data && data.items.length > 0 ? (
          <>
            <DataTable
              testId="tasks"
              label={t('coach.title')}
              minWidth={760}
              columns={columns}
              rows={data.items}
              rowKey={(row) => row.id}
              open={(row) => void navigate(`/reviews/${encodeURIComponent(row.met_by ?? row.review)}`)}
            />
            <Pager
              total={data.total}
              offset={filters.offset}
              move={(to) => filters.set('offset', String(to))}
            />
          </>
        ) : null}
      </Panel>
    </div>
  )
}
