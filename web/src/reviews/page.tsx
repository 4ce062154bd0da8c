import { Button, SegmentedControl, Switch } from '@mantine/core'
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from 'react-router'
import { api, PAGE_SIZE } from '@/api/client'
import type { Review, ReviewState } from '@/api/types'
import { AgentName } from '@/common/agent-name'
import { FilterBar } from '@/common/filter-bar'
import { IconChartDots, IconClipboardCheck, IconListCheck, IconTrendingUp } from '@/common/icons'
import { useNotice } from '@/common/notice'
import { Pager } from '@/common/pager'
import { PageHead, Panel } from '@/common/panel'
import { EmptyNote, ErrorNote, LoadingRows } from '@/common/states'
import { type Column, DataTable } from '@/common/table'
import { TierBadge } from '@/common/tier-badge'
import { useFilters } from '@/common/use-filters'
import { ResultBadge, WordBadge } from '@/common/word-badge'
import { clock, moment } from '@/format'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import { exclusionText } from './exclusion'
import { isMine } from './mine'
import { ReviewersPanel } from './reviewers'
import { QualitySections } from './sections'

const STATES: ReviewState[] = ['open', 'claimed', 'scored', 'eligible', 'excluded']
const DESK: ReviewState[] = ['open', 'claimed']

const PLANS = ['everything', 'random', 'stratified', 'risk', 'manual']

export default function ReviewsPage() {
  const { t } = useI18n()
  const filters = useFilters('all')
  const state = STATES.find((known) => known === filters.get('state')) ?? 'open'
  const query = {
    limit: PAGE_SIZE,
    offset: filters.offset,
    state,
    mine: filters.get('mine') === 'yes' && state !== 'open' ? true : undefined,
    assigned: filters.get('mine') === 'yes' && state === 'open' ? true : undefined,
    by_due: DESK.includes(state) || undefined,
    plan: filters.get('plan'),
    queue: filters.get('queue'),
    agent: filters.get('agent'),
    tier: filters.get('tier'),
  }
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['reviews', query],
    queryFn: () => api.reviews(query),
    placeholderData: keepPreviousData,
    refetchInterval: 10_000,
  })
  return (
    <>
      <PageHead
        title={t('reviews.title')}
        note={t('reviews.sub')}
        right={
          <>
            <Button
              component={Link}
              to="/reviews/satisfaction"
              variant="default"
              leftSection={<IconChartDots size={16} />}
              data-testid="open-satisfaction"
            >
              {t('sat.open')}
            </Button>
            <Button
              component={Link}
              to="/reviews/reports"
              variant="default"
              leftSection={<IconTrendingUp size={16} />}
              data-testid="open-reports"
            >
              {t('reports.open')}
            </Button>
            <Button
              component={Link}
              to="/reviews/scorecards"
              variant="default"
              leftSection={<IconListCheck size={16} />}
              data-testid="open-scorecards"
            >
              {t('cards.open')}
            </Button>
            <SegmentedControl
              size="xs"
              data={STATES.map((value) => ({ value, label: t(`reviews.${value}`) }))}
              value={state}
              onChange={(value) => filters.set('state', value === 'open' ? null : value)}
              data-testid="reviews-state"
            />
          </>
        }
      />
      <QualitySections />
      <Panel flush testId="reviews">
        <FilterBar
          filters={filters}
          tier
          choice={{ name: 'plan', label: 'reviews.plan', options: PLANS, area: 'plan' }}
        >
          {state === 'open' || state === 'claimed' || state === 'scored' ? (
            <Switch
              size="xs"
              label={t(state === 'open' ? 'reviews.assigned.me' : 'reviews.mine')}
              checked={filters.get('mine') === 'yes'}
              onChange={(event) => filters.set('mine', event.currentTarget.checked ? 'yes' : null)}
              data-testid="reviews-mine"
            />
          ) : null}
        </FilterBar>
        {isPending ? <LoadingRows rows={8} /> : null}
        {error && !data ? <ErrorNote error={error} retry={() => void refetch()} /> : null}
        {data && data.items.length === 0 ? (
          <EmptyNote
            title={t(`reviews.empty.${state}`)}
            detail={state === 'open' ? t('reviews.empty.open.detail') : undefined}
            icon={<IconClipboardCheck size={22} stroke={1.6} />}
          />
        ) : null}
        {data && data.items.length > 0 ? (
          <>
            <ReviewTable reviews={data.items} state={state} />
            <Pager
              total={data.total}
              offset={filters.offset}
              move={(to) => filters.set('offset', String(to))}
            />
          </>
        ) : null}
      </Panel>
      <ReviewersPanel />
    </>
  )
}

function Due({ review }: { review: Review }) {
  const { t, language } = useI18n()
  if (review.due_at === null) return <span className="faint">–</span>
  const late = review.due_at < Date.now() / 1000
  return late ? (
    <span title={t('reviews.late')}>
      <WordBadge tone="warn">{moment(review.due_at, language)}</WordBadge>
    </span>
  ) : (
    <span className="num">{moment(review.due_at, language)}</span>
  )
}

function ReviewTable({ reviews, state }: { reviews: Review[]; state: ReviewState }) {
  const { t, word, language } = useI18n()
  const { user } = useSession()
  const { attempt } = useNotice()
  const navigate = useNavigate()
  const client = useQueryClient()
  const open = (review: Review) => void navigate(`/reviews/${encodeURIComponent(review.id)}`)

  const claim = async (review: Review) => {
    const worked = await attempt(() => api.claim(review.id))
    void client.invalidateQueries({ queryKey: ['reviews'] })
    if (worked) open(review)
  }

  const columns: Column<Review>[] = [
    {
      key: 'created',
      head: t(state === 'scored' ? 'reviews.scoredat' : 'reviews.created'),
      width: '122px',
      phone: '84px',
      cell: (row) => <span className="quiet num">{moment(row.scored_at ?? row.created_at, language)}</span>,
    },
    {
      key: 'tier',
      head: t('filter.tier'),
      width: '110px',
      phone: '46px',
      cell: (row) => <TierBadge tier={row.tier} />,
    },
    { key: 'agent', head: t('filter.agent'), cell: (row) => <AgentName agent={row.agent} /> },
    { key: 'queue', head: t('filter.queue'), phone: false, cell: (row) => row.queue ?? '–' },
    {
      key: 'length',
      head: t('recordings.length'),
      width: '74px',
      phone: false,
      right: true,
      cell: (row) => clock(row.duration_seconds),
    },
    {
      key: 'plan',
      head: t('reviews.plan'),
      width: '124px',
      phone: false,
      cell: (row) => (
        <span className="cut">
          {row.purpose === 'score' ? word('plan', row.plan) : t(`purpose.${row.purpose}`)}
        </span>
      ),
    },
    ...(DESK.includes(state)
      ? [
          {
            key: 'due',
            head: t('reviews.due'),
            width: '130px',
            phone: false as const,
            cell: (row: Review) => <Due review={row} />,
          },
        ]
      : []),
    ...(state === 'open'
      ? [
          {
            key: 'assigned',
            head: t('reviews.assigned'),
            phone: false as const,
            cell: (row: Review) => <span className="cut">{row.assigned_to ?? '–'}</span>,
          },
        ]
      : []),
    ...(state === 'excluded'
      ? [
          {
            key: 'why',
            head: t('reviews.exclusion'),
            phone: false as const,
            cell: (row: Review) => <span className="cut">{exclusionText(row.exclusion, t)}</span>,
          },
        ]
      : []),
    ...(state !== 'claimed' && state !== 'scored'
      ? []
      : [
          {
            key: 'reviewer',
            head: t('reviews.reviewer'),
            phone: false as const,
            cell: (row: Review) => row.reviewer ?? '–',
          },
        ]),
    ...(state === 'scored'
      ? [
          {
            key: 'score',
            head: t('reviews.score'),
            width: '80px',
            right: true,
            cell: (row: Review) => <strong>{row.score === null ? '–' : row.score.toFixed(0)}</strong>,
          },
          {
            key: 'result',
            head: '',
            width: '126px',
            phone: false as const,
            cell: (row: Review) => <ResultBadge result={row.result} />,
          },
        ]
      : []),
    {
      key: 'act',
      head: '',
      width: '120px',
      phone: '84px',
      right: true,
      cell: (row) =>
        row.state === 'open' || row.state === 'eligible' ? (
          <Button
            size="compact-sm"
            variant="light"
            data-testid="review-claim"
            onClick={(event) => {
              event.stopPropagation()
              void claim(row)
            }}
          >
            {t('reviews.claim')}
          </Button>
        ) : (
          <Button size="compact-sm" variant="subtle" data-testid="review-open" tabIndex={-1}>
            {t(row.state === 'claimed' && isMine(row, user) ? 'reviews.continue' : 'reviews.view')}
          </Button>
        ),
    },
  ]
  return (
    <DataTable
      testId="reviews-table"
      label={t('reviews.title')}
      minWidth={state === 'scored' ? 1020 : 780}
      columns={columns}
      rows={reviews}
      rowKey={(row) => row.id}
      open={open}
    />
  )
}
