/** Reports that are sent by themselves: when the next goes, and what went wrong with the last. */
import { Button } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { qualityApi, type Schedule } from '@/api/quality'
import { IconPlus } from '@/common/icons'
import { useNotice } from '@/common/notice'
import { Panel } from '@/common/panel'
import { EmptyNote, ErrorNote, LoadingRows } from '@/common/states'
import { type Column, DataTable } from '@/common/table'
import { WordBadge } from '@/common/word-badge'
import { dayAndTime } from '@/format'
import { useI18n } from '@/i18n'
import classes from './page.module.css'
import { ScheduleDialog } from './schedule-dialog'

export function Schedules() {
  const { t } = useI18n()
  const [open, setOpen] = useState<Schedule | 'new' | null>(null)
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['report-schedules'],
    queryFn: qualityApi.schedules,
    refetchInterval: 30_000,
  })
  return (
    <Panel
      flush
      className={classes['below']}
      title={t('reports.schedules')}
      note={t('reports.schedules.note')}
      testId="schedules"
      right={
        <Button
          size="compact-sm"
          variant="light"
          leftSection={<IconPlus size={14} />}
          onClick={() => setOpen('new')}
          data-testid="schedule-add"
        >
          {t('reports.schedule.add')}
        </Button>
      }
    >
      {data && !data.mail ? (
        <p className={classes['nomail']} role="status" data-testid="schedules-nomail">
          {t('reports.schedules.nomail')}
        </p>
      ) : null}
      {isPending ? <LoadingRows rows={2} /> : null}
      {error && !data ? <ErrorNote error={error} retry={() => void refetch()} /> : null}
      {data && data.items.length === 0 ? <EmptyNote title={t('reports.schedules.empty')} /> : null}
      {data && data.items.length > 0 ? <ScheduleTable rows={data.items} open={setOpen} /> : null}
      <ScheduleDialog shown={open} close={() => setOpen(null)} />
    </Panel>
  )
}

function ScheduleTable({ rows, open }: { rows: Schedule[]; open: (one: Schedule) => void }) {
  const { t, language } = useI18n()
  const { attempt } = useNotice()
  const client = useQueryClient()
  const [sure, setSure] = useState<string | null>(null)
  const remove = async (id: string) => {
    if (sure !== id) {
      setSure(id)
      return
    }
    setSure(null)
    await attempt(() => qualityApi.removeSchedule(id))
    void client.invalidateQueries({ queryKey: ['report-schedules'] })
  }
  const columns: Column<Schedule>[] = [
    {
      key: 'name',
      head: t('reports.schedule.name'),
      cell: (row) => (
        <>
          <div>{row.name}</div>
          <div className="faint">
            {t(`reports.every.${row.every}`)} · {row.format.toUpperCase()} ·{' '}
            {t('reports.schedule.to', { n: row.recipients.length })}
          </div>
          {row.problem ? <div className={classes['problem']}>{row.problem}</div> : null}
        </>
      ),
    },
    {
      key: 'sent',
      head: t('reports.schedule.sent'),
      width: '140px',
      phone: false,
      cell: (row) => (row.sent_at === null ? '–' : dayAndTime(row.sent_at, language)),
    },
    {
      key: 'next',
      head: t('reports.schedule.next'),
      width: '140px',
      phone: false,
      cell: (row) =>
        row.next_at === null ? (
          <WordBadge>{t('reports.schedule.rests')}</WordBadge>
        ) : (
          dayAndTime(row.next_at, language)
        ),
    },
    {
      key: 'remove',
      head: '',
      width: '110px',
      phone: '92px',
      right: true,
      cell: (row) => (
        <Button
          size="compact-sm"
          variant="subtle"
          {...(sure === row.id ? { color: 'red' } : {})}
          onClick={(event) => {
            event.stopPropagation()
            void remove(row.id)
          }}
          onBlur={() => setSure(null)}
          data-testid="schedule-remove"
        >
          {t(sure === row.id ? 'reports.schedule.remove.sure' : 'reports.schedule.remove')}
        </Button>
      ),
    },
  ]
  return (
    <DataTable
      columns={columns}
      rows={rows}
      rowKey={(row) => row.id}
      open={open}
      testId="schedules-table"
      label={t('reports.schedules')}
    />
  )
}
