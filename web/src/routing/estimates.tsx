/** How far estimated waits were off, queue by queue. */
import { useQuery } from '@tanstack/react-query'
import { api } from '@/api/client'
import type { EstimateError } from '@/api/types-routing'
import { Panel } from '@/common/panel'
import { EmptyNote, ErrorNote, LoadingRows } from '@/common/states'
import { type Column, DataTable } from '@/common/table'
import { useI18n } from '@/i18n'

/** Seconds with their sign: above zero, it took longer. */
function signed(seconds: number | null): string {
  if (seconds === null) return '–'
  const whole = Math.round(seconds)
  return `${whole > 0 ? '+' : whole < 0 ? '−' : ''}${Math.abs(whole)} s`
}

export function EstimatesPanel() {
  const { t } = useI18n()
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['routing', 'estimates'],
    queryFn: api.estimateErrors,
    refetchInterval: 15_000,
  })
  const columns: Column<EstimateError>[] = [
    { key: 'queue', head: t('routing.estimates.queue'), cell: (row) => row.queue },
    {
      key: 'callers',
      head: t('routing.estimates.callers'),
      width: '76px',
      right: true,
      cell: (row) => <span className="num">{row.callers}</span>,
    },
    {
      key: 'median',
      head: t('routing.estimates.median'),
      width: '80px',
      right: true,
      cell: (row) => <span className="num">{signed(row.median)}</span>,
    },
    {
      key: 'band',
      head: t('routing.estimates.band'),
      width: '150px',
      phone: '124px',
      right: true,
      cell: (row) => (
        <span className="num">{row.low === null ? '–' : `${signed(row.low)}, ${signed(row.high)}`}</span>
      ),
    },
  ]
  return (
    <Panel title={t('routing.estimates')} note={t('routing.estimates.sub')} flush testId="routing-estimates">
      {isPending ? <LoadingRows rows={2} /> : null}
      {error && !data ? <ErrorNote error={error} retry={() => void refetch()} /> : null}
      {data && data.total === 0 ? <EmptyNote title={t('routing.estimates.empty')} /> : null}
      {data && data.total > 0 ? (
        <DataTable
          columns={columns}
          rows={data.items}
          rowKey={(row) => row.queue}
          testId="routing-estimates-table"
          label={t('routing.estimates')}
        />
      ) : null}
    </Panel>
  )
}
