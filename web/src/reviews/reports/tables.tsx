/** A report line by line: groups and steps, and the questions of the scorecards. */
import type { Figure, QuestionLine, ReportLine } from '@/api/quality'
import { type Column, DataTable } from '@/common/table'
import { TierBadge } from '@/common/tier-badge'
import { count, day } from '@/format'
import { useI18n } from '@/i18n'
import { Interval, told } from './numbers'
import classes from './page.module.css'

const FIGURES = ['customer', 'business', 'compliance', 'score'] as const

interface LineTableProps {
  lines: ReportLine[]
  group: string
  interval: string
  fewest: number
}

export function LineTable({ lines, group, interval, fewest }: LineTableProps) {
  const { t, language } = useI18n()
  const columns: Column<ReportLine>[] = [
    ...(group === 'none'
      ? []
      : [
          {
            key: 'group',
            head: t(
              `reports.group.${group === 'team' || group === 'agent' || group === 'queue' || group === 'tier' ? group : 'none'}`,
            ),
            cell: (row: ReportLine) =>
              group === 'tier' ? (
                <TierBadge tier={row.group as Parameters<typeof TierBadge>[0]['tier']} />
              ) : (
                <Named row={row} />
              ),
          },
        ]),
    ...(interval === 'none'
      ? []
      : [
          {
            key: 'from',
            head: t('reports.step'),
            width: '132px',
            phone: '96px',
            cell: (row: ReportLine) => <span className="num">{stepOf(row, language)}</span>,
          },
        ]),
    {
      key: 'calls',
      head: t('reports.n'),
      width: '72px',
      phone: '54px',
      right: true,
      cell: (row) => count(row.calls),
    },
    ...FIGURES.map((name) => ({
      key: name,
      head: t(`reports.${name}`),
      width: '150px',
      phone: name === 'score' ? ('104px' as const) : (false as const),
      right: true,
      cell: (row: ReportLine) => <Told figure={row[name]} score={name === 'score'} fewest={fewest} />,
    })),
  ]
  return (
    <DataTable
      columns={columns}
      rows={lines}
      rowKey={(row) => `${row.group} ${row.from}`}
      testId="reports-lines"
      label={t('reports.title')}
      minWidth={760}
    />
  )
}

function stepOf(line: ReportLine, language: 'zh' | 'en'): string {
  const first = day(line.from, language)
  const last = day(line.until - 1, language)
  return first === last ? first : `${first} – ${last}`
}

function Named({ row }: { row: ReportLine }) {
  const { t } = useI18n()
  if (row.group === null) return <span className="faint">{t('reports.nobody')}</span>
  return (
    <>
      {row.label ?? row.group}{' '}
      {row.label && row.label !== row.group ? <span className="faint">{row.group}</span> : null}
    </>
  )
}

export function QuestionTable({ lines, fewest }: { lines: QuestionLine[]; fewest: number }) {
  const { t, words } = useI18n()
  const columns: Column<QuestionLine>[] = [
    {
      key: 'question',
      head: t('reports.group.question'),
      cell: (row) => (
        <>
          <div>{row.text ? words(row.text) : row.item}</div>
          <div className="faint">{row.scorecard}</div>
        </>
      ),
    },
    {
      key: 'answers',
      head: t('sat.items.answers'),
      width: '84px',
      phone: false,
      right: true,
      cell: (row) => count(row.answers),
    },
    {
      key: 'na',
      head: t('score.na'),
      width: '84px',
      phone: false,
      right: true,
      cell: (row) => count(row.not_applicable),
    },
    {
      key: 'bar',
      head: '',
      width: '180px',
      phone: false,
      cell: (row) => <Reach figure={row.reached} />,
    },
    {
      key: 'reached',
      head: t('reports.reached'),
      width: '160px',
      phone: '116px',
      right: true,
      cell: (row) => <Told figure={row.reached} score={false} fewest={fewest} />,
    },
  ]
  return (
    <DataTable
      columns={columns}
      rows={lines}
      rowKey={(row) => `${row.scorecard} ${row.item}`}
      testId="reports-questions"
      label={t('reports.questions')}
      minWidth={680}
    />
  )
}

/** The value and, under it, its interval. */
function Told({ figure, score, fewest }: { figure: Figure; score: boolean; fewest: number }) {
  const { t } = useI18n()
  if (figure.value === null) {
    return (
      <span className="faint" title={t('reports.from', { n: fewest })}>
        {t('reports.few')}
      </span>
    )
  }
  return (
    <span className={classes['told']}>
      <b className="num">{told(figure.value, score)}</b>
      <span className="faint num">
        <Interval figure={figure} score={score} />
      </span>
    </span>
  )
}

/** A share as a bar, with its interval as a line over it. */
function Reach({ figure }: { figure: Figure }) {
  if (figure.value === null || figure.low === null || figure.high === null) return null
  return (
    <span className={classes['reach']} aria-hidden="true">
      <i style={{ width: `${figure.value * 100}%` }} />
      <b style={{ left: `${figure.low * 100}%`, right: `${100 - figure.high * 100}%` }} />
    </span>
  )
}
