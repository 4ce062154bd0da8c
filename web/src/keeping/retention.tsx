/** The rules, and what the daily run would delete now: a dry run each time it is looked at. */
import { useQuery } from '@tanstack/react-query'
import { keepingApi, type RetentionRule } from '@/api/keeping'
import { Panel } from '@/common/panel'
import { ErrorNote, LoadingRows } from '@/common/states'
import { type Column, DataTable } from '@/common/table'
import { count } from '@/format'
import { type I18n, useI18n } from '@/i18n'

export function Retention() {
  const i18n = useI18n()
  const { t } = i18n
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['retention'],
    queryFn: keepingApi.retention,
  })
  return (
    <Panel flush title={t('keeping.retention')} note={t('keeping.retention.note')} testId="retention">
      {isPending ? <LoadingRows rows={5} /> : null}
      {error && !data ? <ErrorNote error={error} retry={() => void refetch()} /> : null}
      {data ? (
        <DataTable
          testId="retention-table"
          label={t('keeping.retention')}
          minWidth={560}
          columns={columns(i18n)}
          rows={data.items}
          rowKey={(row) => row.name}
        />
      ) : null}
    </Panel>
  )
}

function columns({ t, word }: I18n): Column<RetentionRule>[] {
  const days = (value: number | null) =>
    value === null ? t('keeping.forever') : t('keeping.days', { n: value })
  const exceptions = (row: RetentionRule) =>
    [
      ...Object.entries(row.tiers).map(([tier, value]) => `${word('tier', tier)}: ${days(value)}`),
      ...Object.entries(row.queues).map(([queue, value]) => `${queue}: ${days(value)}`),
    ].join(' · ') || '–'
  return [
    { key: 'what', head: t('keeping.what'), width: '24%', cell: (row) => word('kept', row.name) },
    { key: 'days', head: t('keeping.kept'), width: '16%', cell: (row) => days(row.days) },
    {
      key: 'but',
      head: t('keeping.but'),
      phone: false,
      cell: (row) => (
        <span className="cut" title={exceptions(row)}>
          {exceptions(row)}
        </span>
      ),
    },
    { key: 'due', head: t('keeping.due'), right: true, width: '18%', cell: (row) => count(row.due) },
    { key: 'held', head: t('keeping.held'), right: true, width: '20%', cell: (row) => count(row.held) },
  ]
}
