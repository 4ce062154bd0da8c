/** Who listened to which recording, and when: the audit log's own lines, which stand before the first byte was served. */
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { Link } from 'react-router'
import { type AuditLine, accessApi } from '@/api/access'
import { PAGE_SIZE } from '@/api/client'
import { PeriodFilter } from '@/common/filter-bar'
import bar from '@/common/filters.module.css'
import { Pager } from '@/common/pager'
import { PageHead, Panel } from '@/common/panel'
import { EmptyNote, ErrorNote, LoadingRows } from '@/common/states'
import { type Column, DataTable } from '@/common/table'
import { useFilters } from '@/common/use-filters'
import { dayAndTime } from '@/format'
import { type I18n, useI18n } from '@/i18n'
import classes from './page.module.css'
import { Words } from './words'

/** The call of a recording: what stands before the second at which its visit began. */
const callOf = (recording: string) => recording.replace(/-\d+$/, '')

export default function ListeningPage() {
  const i18n = useI18n()
  const { t } = i18n
  const filters = useFilters('all')
  const query = {
    limit: PAGE_SIZE,
    offset: filters.offset,
    action: 'recording.listened',
    login: filters.get('login'),
    subject: filters.get('subject'),
    ...filters.bounds,
  }
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['audit', query],
    queryFn: () => accessApi.audit(query),
    placeholderData: keepPreviousData,
  })
  const shown = useMemo(() => columns(i18n), [i18n])
  return (
    <>
      <PageHead title={t('listening.title')} note={t('listening.sub')} />
      <Panel flush testId="listening">
        <div className={bar['bar']}>
          <PeriodFilter
            filters={filters}
            periods={['hour', 'today', 'week', 'all', 'own']}
            defaultPeriod="all"
          />
          <Words filters={filters} name="login" label={t('audit.login')} />
          <Words filters={filters} name="subject" label={t('listening.recording')} />
        </div>
        {isPending ? <LoadingRows rows={8} /> : null}
        {error && !data ? <ErrorNote error={error} retry={() => void refetch()} /> : null}
        {data?.total === 0 ? <EmptyNote title={t('listening.empty')} /> : null}
        {data && data.total > 0 ? (
          <>
            <DataTable
              testId="listening-table"
              label={t('listening.title')}
              minWidth={620}
              columns={shown}
              rows={data.items}
              rowKey={(row) => String(row.id)}
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

function columns({ t, language }: I18n): Column<AuditLine>[] {
  return [
    {
      key: 'at',
      head: t('audit.at'),
      width: '168px',
      phone: '96px',
      cell: (row) => <span className="quiet num">{dayAndTime(row.at, language)}</span>,
    },
    {
      key: 'who',
      head: t('audit.who'),
      width: '24%',
      phone: '28%',
      cell: (row) => (
        <span className="cut" title={row.login}>
          {row.login}
        </span>
      ),
    },
    {
      key: 'recording',
      head: t('listening.recording'),
      cell: (row) => (
        <Link
          className={classes['subject']}
          to={`/calls/${encodeURIComponent(callOf(row.subject))}`}
          title={t('listening.call')}
        >
          {row.subject}
        </Link>
      ),
    },
  ]
}
