import { SegmentedControl, Select } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { api } from '@/api/client'
import { FilterBar } from '@/common/filter-bar'
import { PageHead, Panel } from '@/common/panel'
import { ProofMark } from '@/common/proof-mark'
import { EmptyNote, ErrorNote, LoadingNote, LoadingRows } from '@/common/states'
import { useFilters } from '@/common/use-filters'
import { useI18n } from '@/i18n'
import { exactFormula, formulaNames } from './formula'
import classes from './page.module.css'
import { KpiTable } from './table'
import { KpiTotals } from './totals'

const KpiChart = lazy(() => import('./chart'))
const INTERVALS = ['900', '3600', '86400', 'none'] as const
const GROUPS = ['none', 'queue', 'agent', 'tier'] as const
const VIEWS = ['by_arrival', 'clipped', 'as_posted'] as const

function pick<T extends string>(options: readonly T[], value: string, fallback: T): T {
  return options.find((option) => option === value) ?? fallback
}

export default function KpiPage() {
  const { t, word } = useI18n()
  const filters = useFilters('today')
  const interval = pick(INTERVALS, filters.get('interval'), '3600')
  const group = pick(GROUPS, filters.get('group'), 'none')
  const view = pick(VIEWS, filters.get('view'), 'by_arrival')
  const formula = filters.get('formula') || 'strict'
  const query = { ...filters.bounds, interval, group_by: group, view, formula }
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['kpi', query],
    queryFn: () => api.kpi(query),
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
  })
  const whole = { ...query, interval: 'none', group_by: 'none' }
  const totals = useQuery({
    queryKey: ['kpi', whole],
    queryFn: () => api.kpi(whole),
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
  })
  return (
    <>
      <PageHead
        title={t('kpi.title')}
        note={t('kpi.sub')}
        right={
          data ? (
            <>
              <ProofMark proof={data} />
              <span className="faint num">{t('kpi.version', { v: data.version })}</span>
            </>
          ) : null
        }
      />
      <Panel flush testId="kpi">
        <FilterBar
          filters={filters}
          periods={['hour', 'today', 'day', 'week', 'month', 'own']}
          defaultPeriod="today"
        >
          <SegmentedControl
            aria-label={t('kpi.interval')}
            data={INTERVALS.map((value) => ({ value, label: t(`kpi.interval.${value}`) }))}
            value={interval}
            onChange={(value) => filters.set('interval', value)}
            data-testid="kpi-interval"
          />
          <SegmentedControl
            aria-label={t('kpi.group')}
            data={GROUPS.map((value) => ({ value, label: t(`kpi.group.${value}`) }))}
            value={group}
            onChange={(value) => filters.set('group', value)}
            data-testid="kpi-group"
          />
          <Select
            w={176}
            aria-label={t('kpi.view')}
            data={VIEWS.map((value) => ({ value, label: t(`kpi.view.${value}`) }))}
            value={view}
            allowDeselect={false}
            onChange={(value) => filters.set('view', value)}
            data-testid="kpi-view"
          />
        </FilterBar>
        <div className={classes['formula']}>
          <span className="quiet">{t('kpi.formula')}</span>
          <Select
            w={190}
            aria-label={t('kpi.formula')}
            data={formulaNames(data?.formulas)}
            value={formula}
            allowDeselect={false}
            onChange={(value) => filters.set('formula', value)}
            data-testid="kpi-formula"
          />
          <span data-testid="kpi-formula-text">{word('formula', formula)}</span>
          <span className="faint num" data-testid="kpi-formula-exact">
            {exactFormula(formula, data?.formulas)}
          </span>
        </div>
        {totals.data?.items[0] ? (
          <KpiTotals row={totals.data.items[0]} formulas={totals.data.formulas} proof={totals.data} />
        ) : null}
      </Panel>
      {isPending ? (
        <LoadingRows rows={8} />
      ) : error && !data ? (
        <ErrorNote error={error} retry={() => void refetch()} tall />
      ) : data && data.items.length === 0 ? (
        <Panel className={classes['below']}>
          <EmptyNote title={t('kpi.empty')} detail={t('kpi.empty.detail')} />
        </Panel>
      ) : data ? (
        <>
          {interval === 'none' ? null : (
            <Panel className={classes['below']} testId="kpi-chart">
              <Suspense fallback={<LoadingNote />}>
                <KpiChart rows={data.items} group={group} interval={Number(interval)} />
              </Suspense>
            </Panel>
          )}
          <Panel className={classes['below']} flush>
            <KpiTable rows={data.items} group={group} interval={interval} />
          </Panel>
        </>
      ) : null}
    </>
  )
}
