/** What reviews of a period say: three accuracies, the score beside them, by whom and by what. */
import { Button, Menu, SegmentedControl, Select } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { type QualityReport, qualityApi } from '@/api/quality'
import { BackLink } from '@/common/back-link'
import { FilterBar } from '@/common/filter-bar'
import { IconChartDots, IconChevronDown } from '@/common/icons'
import { PageHead, Panel } from '@/common/panel'
import { EmptyNote, ErrorNote, LoadingNote, LoadingRows } from '@/common/states'
import { useFilters } from '@/common/use-filters'
import { count } from '@/format'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import { Numbers } from './numbers'
import classes from './page.module.css'
import { Schedules } from './schedules'
import { LineTable, QuestionTable } from './tables'

const ReportChart = lazy(() => import('./chart'))
export const SPANS = ['none', 'day', 'week', 'month'] as const
export const BASES = ['random', 'stratified', 'all'] as const
export const GROUPS = ['none', 'team', 'agent', 'queue', 'tier', 'question'] as const
const FORMATS = ['pdf', 'xlsx', 'csv'] as const

function pick<T extends string>(options: readonly T[], value: string, fallback: T): T {
  return options.find((option) => option === value) ?? fallback
}

export default function ReportsPage() {
  const { t, language } = useI18n()
  const { may } = useSession()
  const filters = useFilters('month')
  const interval = pick(SPANS, filters.get('interval'), 'week')
  const group = pick(GROUPS, filters.get('group'), 'none')
  const query = {
    ...filters.bounds,
    interval,
    group_by: group,
    queue: filters.get('queue'),
    agent: filters.get('agent'),
    tier: filters.get('tier'),
    team: filters.get('team'),
    scorecard: filters.get('scorecard'),
    basis: pick(BASES, filters.get('basis'), 'random'),
  }
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['quality-report', query],
    queryFn: () => qualityApi.report(query),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  })
  return (
    <div data-testid="reports">
      <BackLink to="/reviews">{t('reviews.title')}</BackLink>
      <PageHead
        title={t('reports.title')}
        note={t('reports.sub')}
        right={
          <Menu position="bottom-end">
            <Menu.Target>
              <Button
                variant="default"
                rightSection={<IconChevronDown size={14} />}
                data-testid="reports-download"
              >
                {t('reports.download')}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              {FORMATS.map((format) => (
                <Menu.Item
                  key={format}
                  component="a"
                  href={qualityApi.reportAddress({ ...query, format, language })}
                  download
                  data-testid={`reports-${format}`}
                >
                  {t(`reports.format.${format}`)}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        }
      />
      <Panel flush>
        <FilterBar
          filters={filters}
          periods={['week', 'month', 'own']}
          defaultPeriod="month"
          queue
          agent
          tier
        >
          <CardFilter value={filters.get('scorecard')} choose={(card) => filters.set('scorecard', card)} />
          <Select
            w={150}
            aria-label={t('reports.basis')}
            data={BASES.map((value) => ({ value, label: t(`reports.basis.${value}`) }))}
            value={query.basis}
            allowDeselect={false}
            onChange={(value) => filters.set('basis', value === 'random' ? null : value)}
            data-testid="reports-basis"
          />
          <SegmentedControl
            aria-label={t('reports.interval')}
            data={SPANS.map((value) => ({ value, label: t(`reports.interval.${value}`) }))}
            value={interval}
            onChange={(value) => filters.set('interval', value)}
            data-testid="reports-interval"
          />
          <SegmentedControl
            aria-label={t('reports.group')}
            data={GROUPS.map((value) => ({ value, label: t(`reports.group.${value}`) }))}
            value={group}
            onChange={(value) => filters.set('group', value)}
            data-testid="reports-group"
          />
        </FilterBar>
        {isPending ? <LoadingRows rows={6} /> : null}
        {error && !data ? <ErrorNote error={error} retry={() => void refetch()} /> : null}
        {data && data.calls === 0 ? (
          <EmptyNote
            title={t('reports.empty')}
            detail={t('reports.empty.detail')}
            icon={<IconChartDots size={22} stroke={1.6} />}
          />
        ) : null}
        {data && data.calls > 0 ? <Numbers told={data} /> : null}
      </Panel>
      {data && data.calls > 0 ? <Broken told={data} group={group} interval={interval} /> : null}
      {may('schedule_reports') ? <Schedules /> : null}
    </div>
  )
}

function CardFilter({ value, choose }: { value: string; choose: (card: string | null) => void }) {
  const { t, words } = useI18n()
  const { data } = useQuery({ queryKey: ['scorecards'], queryFn: qualityApi.scorecards, staleTime: 60_000 })
  return (
    <Select
      w={170}
      aria-label={t('reports.card')}
      placeholder={t('reports.card')}
      data={(data?.items ?? []).map((card) => ({ value: card.id, label: words(card.title) }))}
      value={value || null}
      onChange={choose}
      clearable
      data-testid="filter-scorecard"
    />
  )
}

interface BrokenProps {
  told: QualityReport
  group: (typeof GROUPS)[number]
  interval: (typeof SPANS)[number]
}

/** The same, broken down. */
function Broken({ told, group, interval }: BrokenProps) {
  const { t } = useI18n()
  const byQuestion = group === 'question'
  const figures = byQuestion
    ? told.question_steps.map((line) => line.reached)
    : told.items.map((line) => line.score)
  const trend = interval !== 'none' && figures.some((figure) => figure.value !== null) // no axes without a line
  return (
    <>
      {trend ? (
        <Panel
          className={classes['below']}
          title={t(byQuestion ? 'reports.trend.question' : 'reports.trend')}
        >
          <Suspense fallback={<LoadingNote />}>
            <ReportChart told={told} group={group} />
          </Suspense>
        </Panel>
      ) : null}
      {byQuestion || (group === 'none' && interval === 'none') ? null : (
        <Panel
          flush
          className={classes['below']}
          title={t(`reports.by.${group}`)}
          note={t('reports.by.note')}
          right={<b className="num">{count(told.total)}</b>}
        >
          <LineTable lines={told.items} group={group} interval={interval} fewest={told.fewest} />
        </Panel>
      )}
      <Panel
        flush
        className={classes['below']}
        title={t('reports.questions')}
        note={t('reports.questions.note')}
      >
        <QuestionTable lines={told.questions} fewest={told.fewest} />
      </Panel>
    </>
  )
}
