/** Work that outlives the server: what waits, what runs, and what was given up, to be tried again by hand. */
import { Button, SegmentedControl } from '@mantine/core'
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, PAGE_SIZE } from '@/api/client'
import type { Job, JobState } from '@/api/types'
import { useNotice } from '@/common/notice'
import { Pager } from '@/common/pager'
import { Panel } from '@/common/panel'
import { EmptyNote, ErrorNote, LoadingRows } from '@/common/states'
import { type Column, DataTable } from '@/common/table'
import { type Tone, WordBadge } from '@/common/word-badge'
import { type TextKey, useI18n } from '@/i18n'
import classes from './jobs.module.css'
import { Scalar } from './scalar'

const STATES = ['all', 'dead', 'waiting', 'running'] as const
const TONES: Record<JobState, Tone> = { dead: 'bad', running: 'accent', waiting: 'plain' }

export function JobsPanel({ className }: { className: string | undefined }) {
  const { t } = useI18n()
  const [shown, show] = useState<(typeof STATES)[number]>('all')
  const [offset, move] = useState(0)
  const query = { state: shown === 'all' ? undefined : shown, limit: PAGE_SIZE, offset }
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['jobs', query],
    queryFn: () => api.jobs(query),
    placeholderData: keepPreviousData,
    refetchInterval: 5000,
  })
  const choose = (state: string) => {
    show(state as (typeof STATES)[number])
    move(0)
  }
  return (
    <Panel
      title={t('jobs.title')}
      note={t('jobs.sub')}
      flush
      className={className}
      testId="operations-jobs"
      right={
        <SegmentedControl
          size="xs"
          aria-label={t('jobs.col.state')}
          data-testid="jobs-state"
          value={shown}
          onChange={choose}
          data={STATES.map((state) => ({ value: state, label: t(`job.${state}` satisfies TextKey) }))}
        />
      }
    >
      {isPending ? <LoadingRows rows={2} /> : null}
      {error && !data ? <ErrorNote error={error} retry={() => void refetch()} /> : null}
      {data && data.total === 0 ? <EmptyNote title={t('jobs.empty')} /> : null}
      {data && data.total > 0 ? <JobTable jobs={data.items} /> : null}
      <Pager total={data?.total ?? 0} offset={offset} move={move} />
    </Panel>
  )
}

function JobTable({ jobs }: { jobs: Job[] }) {
  const { t, word } = useI18n()
  const { attempt } = useNotice()
  const client = useQueryClient()
  const tryAgain = async (job: Job) => {
    await attempt(() => api.tryJobAgain(job.id))
    void client.invalidateQueries({ queryKey: ['jobs'] })
  }
  const columns: Column<Job>[] = [
    {
      key: 'state',
      head: t('jobs.col.state'),
      width: '110px',
      phone: '96px',
      cell: (row) => <WordBadge tone={TONES[row.state]}>{word('job', row.state)}</WordBadge>,
    },
    {
      key: 'job',
      head: t('jobs.col.job'),
      cell: (row) => (
        <>
          <div>{word('job.kind', row.kind)}</div>
          <div className={`${classes['subject']} faint`}>{row.subject}</div>
          {row.error ? <div className={classes['below']}>{row.error}</div> : null}
        </>
      ),
    },
    {
      key: 'attempts',
      head: t('jobs.col.attempts'),
      width: '90px',
      phone: false,
      right: true,
      cell: (row) => <span className="num">{row.attempts}</span>,
    },
    {
      key: 'error',
      head: t('jobs.col.error'),
      width: '30%',
      phone: false,
      cell: (row) => <span className={classes['error']}>{row.error || '–'}</span>,
    },
    {
      key: 'next',
      head: t('jobs.col.next'),
      width: '130px',
      phone: false,
      cell: (row) => <Scalar name="next_at" value={row.next_at} />,
    },
    {
      key: 'act',
      head: '',
      width: '130px',
      phone: '104px',
      right: true,
      cell: (row) =>
        row.state === 'dead' ? (
          <Button
            size="compact-sm"
            variant="light"
            data-testid="job-try-again"
            onClick={() => void tryAgain(row)}
          >
            {t('jobs.again')}
          </Button>
        ) : null,
    },
  ]
  return (
    <DataTable
      columns={columns}
      rows={jobs}
      rowKey={(row) => row.id}
      testId="jobs-table"
      minWidth={820}
      label={t('jobs.title')}
    />
  )
}
