/** Who was listened to, by what rule it was chosen, and what may be said of all calls from it. */
import { Button, SegmentedControl } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { AgentName } from '@/common/agent-name'
import { PageHead, Panel } from '@/common/panel'
import { EmptyNote, ErrorNote, LoadingRows } from '@/common/states'
import { type Column, DataTable } from '@/common/table'
import { useFilters } from '@/common/use-filters'
import { WordBadge } from '@/common/word-badge'
import { count } from '@/format'
import { useI18n } from '@/i18n'
import { type Draw, type Figures, judging, type Proof, type Week } from './api'
import { Told } from './estimate'
import classes from './judging.module.css'
import { ruleText } from './rule'
import { QualitySections } from './sections'

const WEEKS = 4
const GROUPS = ['nothing', 'team', 'agent', 'queue', 'tier'] as const

export default function CoveragePage() {
  const { t } = useI18n()
  return (
    <div data-testid="coverage">
      <PageHead title={t('cover.title')} note={t('cover.sub')} />
      <QualitySections />
      <SampleFigures />
      <Weeks />
      <Plans />
      <Draws />
    </div>
  )
}

function SampleFigures() {
  const { t, word } = useI18n()
  const filters = useFilters()
  const by = GROUPS.find((one) => one === filters.get('by')) ?? 'nothing'
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['quality', by],
    queryFn: () => judging.quality({ group_by: by }),
    placeholderData: keepPreviousData,
  })
  const name = (row: Figures) => {
    if (by === 'nothing') return t('cover.by.nothing')
    if (by === 'agent') return <AgentName agent={row.key} />
    return by === 'tier' ? word('tier', row.key) : row.key
  }
  const columns: Column<Figures>[] = [
    { key: 'key', head: t(`cover.by.${by}`), cell: (row) => <span className="cut">{name(row)}</span> },
    {
      key: 'n',
      head: t('cover.n'),
      width: '150px',
      phone: '96px',
      cell: (row) => (
        <span className={classes['cell']}>
          <span className="num">{t('cover.of', { n: count(row.scored), all: count(row.drawn) })}</span>
          {row.complete ? null : (
            <span title={t('cover.incomplete.why')}>
              <WordBadge tone="warn">{t('cover.incomplete')}</WordBadge>
            </span>
          )}
        </span>
      ),
    },
    {
      key: 'score',
      head: t('cover.score'),
      width: '150px',
      phone: '120px',
      cell: (row) => <Told of={row.score} points />,
    },
    {
      key: 'passed',
      head: t('cover.passed'),
      width: '140px',
      phone: false,
      cell: (row) => <Told of={row.passed} />,
    },
    {
      key: 'customer',
      head: t('cover.customer'),
      width: '156px',
      phone: false,
      cell: (row) => <Told of={row.customer} />,
    },
    {
      key: 'business',
      head: t('cover.business'),
      width: '156px',
      phone: false,
      cell: (row) => <Told of={row.business} />,
    },
    {
      key: 'compliance',
      head: t('cover.compliance'),
      width: '156px',
      phone: false,
      cell: (row) => <Told of={row.compliance} />,
    },
  ]
  const ranked = data?.ranked
  return (
    <Panel
      flush
      title={t('cover.figures')}
      note={t('cover.figures.note')}
      testId="sample-figures"
      right={
        <SegmentedControl
          size="xs"
          data={GROUPS.map((value) => ({ value, label: t(`cover.by.${value}`) }))}
          value={by}
          onChange={(value) => filters.set('by', value === 'nothing' ? null : value)}
        />
      }
    >
      {isPending ? <LoadingRows rows={2} /> : null}
      {error && !data ? <ErrorNote error={error} retry={() => void refetch()} /> : null}
      {data && data.groups.length === 0 ? <EmptyNote title={t('cover.draws.empty')} /> : null}
      {data && data.groups.length > 0 ? (
        <DataTable
          testId="figures-table"
          label={t('cover.figures')}
          minWidth={1000}
          columns={columns}
          rows={data.groups}
          rowKey={(row) => row.key}
        />
      ) : null}
      {data && by !== 'nothing' && data.groups.length > 1 ? (
        <p className={classes['told']} data-testid="ranking">
          {ranked ? t('cover.ranking', { names: ranked.join(', ') }) : t('cover.noranking')}
        </p>
      ) : null}
    </Panel>
  )
}

function Weeks() {
  const { t } = useI18n()
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['coverage'],
    queryFn: () => judging.coverage(WEEKS),
  })
  const some = data?.weeks.some((week) => week.agents.length > 0)
  return (
    <Panel flush title={t('cover.weeks')} note={t('cover.weeks.note')} className={classes['below']}>
      {isPending ? <LoadingRows rows={4} /> : null}
      {error && !data ? <ErrorNote error={error} retry={() => void refetch()} /> : null}
      {data && !some ? <EmptyNote title={t('cover.empty')} /> : null}
      {data && some ? data.weeks.map((week) => <OneWeek key={week.week} week={week} />) : null}
    </Panel>
  )
}

function OneWeek({ week }: { week: Week }) {
  const { t } = useI18n()
  if (week.agents.length === 0) return null
  return (
    <>
      <div className={`${classes['weekHead']} num`}>{week.week}</div>
      <ul className={classes['agents']} data-testid="covered-week">
        {week.agents.map((one) => (
          <li key={one.agent} data-none={one.scored === 0 || undefined}>
            <AgentName agent={one.agent} />
            <span className="num" title={one.scored === 0 ? t('cover.none') : undefined}>
              {one.scored} / {one.drawn} / {one.eligible}
            </span>
          </li>
        ))}
      </ul>
    </>
  )
}

function Plans() {
  const i18n = useI18n()
  const { t, word } = i18n
  const { data } = useQuery({ queryKey: ['sampling-plans'], queryFn: judging.plans })
  if (!data) return null
  return (
    <Panel flush title={t('cover.plans')} className={classes['below']} testId="sampling-plans">
      <ul className={classes['plans']}>
        {data.items.map((one) => (
          <li key={one.plan}>
            <span className={classes['cell']}>
              <strong>{word('plan', one.plan)}</strong>
              {one.on ? null : <span className="faint">{t('cover.off')}</span>}
            </span>
            {one.rule ? <span className="quiet">{ruleText(one.rule, i18n)}</span> : null}
            <span className="faint">{t(one.feeds_figures ? 'cover.feeds' : 'cover.notfeeds')}</span>
          </li>
        ))}
      </ul>
    </Panel>
  )
}

function Draws() {
  const i18n = useI18n()
  const { t, word } = i18n
  const { data } = useQuery({ queryKey: ['draws'], queryFn: () => judging.draws({ limit: 25 }) })
  const columns: Column<Draw>[] = [
    {
      key: 'period',
      head: t('cover.period'),
      width: '130px',
      phone: '92px',
      cell: (row) => <span className="num">{row.period}</span>,
    },
    { key: 'plan', head: t('reviews.plan'), cell: (row) => word('plan', row.plan) },
    {
      key: 'drawn',
      head: t('cover.drawn'),
      width: '120px',
      phone: '74px',
      cell: (row) => (
        <span className="num">{t('cover.of', { n: count(row.members), all: count(row.frame) })}</span>
      ),
    },
    {
      key: 'rule',
      head: t('cover.rule'),
      phone: false,
      cell: (row) => <span className="cut">{ruleText(row.rule, i18n)}</span>,
    },
    {
      key: 'closed',
      head: '',
      width: '100px',
      phone: false,
      cell: (row) => (row.closed ? null : <span className="faint">{t('cover.running')}</span>),
    },
    {
      key: 'prove',
      head: '',
      width: '170px',
      phone: '92px',
      right: true,
      cell: (row) => <Prove draw={row} />,
    },
  ]
  return (
    <Panel flush title={t('cover.draws')} note={t('cover.draws.note')} className={classes['below']}>
      {data && data.items.length === 0 ? <EmptyNote title={t('cover.draws.empty')} /> : null}
      {data && data.items.length > 0 ? (
        <DataTable
          testId="draws"
          label={t('cover.draws')}
          minWidth={640}
          columns={columns}
          rows={data.items}
          rowKey={(row) => row.id}
        />
      ) : null}
    </Panel>
  )
}

/** Makes the draw again on the server and says what came of it. */
function Prove({ draw }: { draw: Draw }) {
  const { t } = useI18n()
  const [asked, ask] = useState(false)
  const { data, isFetching } = useQuery({
    queryKey: ['proof', draw.id],
    queryFn: () => judging.proof(draw.id),
    enabled: asked,
  })
  if (!data) {
    return (
      <Button
        size="compact-sm"
        variant="light"
        loading={isFetching}
        onClick={() => ask(true)}
        data-testid="prove"
      >
        {t('cover.prove')}
      </Button>
    )
  }
  return <Proven proof={data} />
}

function Proven({ proof }: { proof: Proof }) {
  const { t } = useI18n()
  if (proof.proven) return <WordBadge tone="good">{t('cover.proven')}</WordBadge>
  return (
    <span title={proof.same_rule ? undefined : t('cover.rulechanged')}>
      <WordBadge tone="warn">{t('cover.unproven')}</WordBadge>
    </span>
  )
}
