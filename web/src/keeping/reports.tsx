/** What was deleted, when and by whom; each report carries the seal of its own text. */
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { PAGE_SIZE } from '@/api/client'
import { type KeepingReport, keepingApi } from '@/api/keeping'
import { Pager } from '@/common/pager'
import { Panel } from '@/common/panel'
import { EmptyNote, ErrorNote, LoadingRows } from '@/common/states'
import { type Column, DataTable } from '@/common/table'
import { count, dayAndTime } from '@/format'
import { type I18n, useI18n } from '@/i18n'

export function Reports() {
  const i18n = useI18n()
  const { t } = i18n
  const [offset, setOffset] = useState(0)
  const query = { limit: PAGE_SIZE, offset }
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['keeping-reports', query],
    queryFn: () => keepingApi.reports(query),
  })
  return (
    <Panel flush title={t('keeping.reports')} testId="keeping-reports">
      {isPending ? <LoadingRows rows={3} /> : null}
      {error && !data ? <ErrorNote error={error} retry={() => void refetch()} /> : null}
      {data?.total === 0 ? <EmptyNote title={t('keeping.reports.none')} /> : null}
      {data && data.total > 0 ? (
        <>
          <DataTable
            testId="reports-table"
            label={t('keeping.reports')}
            minWidth={640}
            columns={columns(i18n)}
            rows={data.items}
            rowKey={(row) => row.id}
          />
          <Pager total={data.total} offset={offset} move={setOffset} />
        </>
      ) : null}
    </Panel>
  )
}

interface Told {
  number?: string
  calls?: number
  recordings?: number
  classes?: Record<string, { deleted: number }>
}

function columns({ t, word, language }: I18n): Column<KeepingReport>[] {
  const said = (row: KeepingReport) => {
    const told = JSON.parse(row.report) as Told
    if (told.classes) {
      const parts = Object.entries(told.classes).filter(([, one]) => one.deleted > 0)
      if (parts.length === 0) return t('keeping.reports.nothing')
      return parts.map(([name, one]) => `${word('kept', name)}: ${count(one.deleted)}`).join(' · ')
    }
    return t('keeping.reports.erased', {
      number: told.number ?? '–',
      calls: count(told.calls ?? 0),
      recordings: count(told.recordings ?? 0),
    })
  }
  return [
    {
      key: 'at',
      head: t('audit.at'),
      width: '168px',
      phone: '96px',
      cell: (row) => <span className="quiet num">{dayAndTime(row.at, language)}</span>,
    },
    { key: 'kind', head: t('keeping.what'), width: '16%', cell: (row) => word('report', row.kind) },
    { key: 'said', head: t('keeping.reports.said'), cell: (row) => said(row) },
    {
      key: 'by',
      head: t('audit.who'),
      width: '16%',
      phone: false,
      cell: (row) => <span className="cut">{row.by}</span>,
    },
    {
      key: 'seal',
      head: t('audit.seal'),
      width: '92px',
      phone: false,
      cell: (row) => (
        <code className="faint" title={row.seal}>
          {row.seal.slice(0, 8)}
        </code>
      ),
    },
  ]
}
