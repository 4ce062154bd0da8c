/** What a version would have made of the last day. */
import { useQuery } from '@tanstack/react-query'
import { api } from '@/api/client'
import type { TierOutcome } from '@/api/types-routing'
import { Panel } from '@/common/panel'
import { EmptyNote, ErrorNote, LoadingRows } from '@/common/states'
import { type Column, DataTable } from '@/common/table'
import { TierBadge } from '@/common/tier-badge'
import { span } from '@/format'
import { useI18n } from '@/i18n'
import classes from './page.module.css'

export function DryRunPanel({ number, live }: { number: number; live: number }) {
  const { t } = useI18n()
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['routing', 'dry-run', live, number],
    queryFn: () => api.tryPolicy(number),
    staleTime: Number.POSITIVE_INFINITY,
  })
  return (
    <Panel
      title={t('routing.run.title')}
      note={t('routing.text', { n: number })}
      flush
      className={classes['wide']}
      testId="routing-dry-run"
    >
      {isPending ? <LoadingRows rows={4} /> : null}
      {error ? <ErrorNote error={error} retry={() => void refetch()} /> : null}
      {data && data.callers === 0 ? <EmptyNote title={t('routing.run.empty')} /> : null}
      {data && data.callers > 0 ? (
        <>
          <Outcomes tiers={data.tiers} />
          <div className={classes['honest']}>
            <p>{t('routing.run.note')}</p>
            {data.fidelity_seconds === null ? null : (
              <p>{t('routing.run.fidelity', { s: span(data.fidelity_seconds) })}</p>
            )}
          </div>
        </>
      ) : null}
    </Panel>
  )
}

function Outcomes({ tiers }: { tiers: TierOutcome[] }) {
  const { t } = useI18n()
  const fromTo = (before: string | number, after: string | number) => (
    <span className="num">
      {before} → {after}
    </span>
  )
  const columns: Column<TierOutcome>[] = [
    {
      key: 'tier',
      head: t('routing.run.tier'),
      width: '110px',
      cell: (row) => <TierBadge tier={row.tier} />,
    },
    { key: 'callers', head: t('routing.run.callers'), right: true, cell: (row) => row.callers },
    {
      key: 'median',
      head: t('routing.run.median'),
      right: true,
      cell: (row) => fromTo(span(row.median_before), span(row.median_after)),
    },
    {
      key: 'p95',
      head: t('routing.run.p95'),
      right: true,
      phone: false,
      cell: (row) => fromTo(span(row.p95_before), span(row.p95_after)),
    },
    {
      key: 'overtaken',
      head: t('routing.run.overtaken'),
      right: true,
      phone: false,
      cell: (row) => fromTo(row.overtaken_before, row.overtaken_after),
    },
    { key: 'longer', head: t('routing.run.longer'), right: true, phone: false, cell: (row) => row.longer },
    { key: 'shorter', head: t('routing.run.shorter'), right: true, phone: false, cell: (row) => row.shorter },
  ]
  return (
    <DataTable
      columns={columns}
      rows={tiers}
      rowKey={(row) => row.tier}
      testId="routing-outcomes"
      minWidth={820}
      label={t('routing.run.title')}
    />
  )
}
