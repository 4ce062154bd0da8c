/** Whether reviewers judge alike: the questions, the reviewers, and the sessions on one call. */
import { Button } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { api } from '@/api/client'
import { AgentName } from '@/common/agent-name'
import { IconChartDots } from '@/common/icons'
import { useNotice } from '@/common/notice'
import { PageHead, Panel } from '@/common/panel'
import { EmptyNote, ErrorNote, LoadingRows } from '@/common/states'
import { type Column, DataTable } from '@/common/table'
import { type Tone, WordBadge } from '@/common/word-badge'
import { count, dayAndTime, plainWords } from '@/format'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import { itemsOf } from './answers'
import { type Agreement, type Calibration, judging, type Leaning, type Question } from './api'
import classes from './judging.module.css'
import { QualitySections } from './sections'

const TONES: Record<Question['verdict'], Tone> = {
  too_few: 'plain',
  reliable: 'good',
  tentative: 'warn',
  unclear: 'bad',
}

export default function CalibrationPage() {
  const { t } = useI18n()
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['agreement'],
    queryFn: () => judging.agreement({}),
  })
  return (
    <div data-testid="calibration">
      <PageHead title={t('cal.title')} note={t('cal.sub')} />
      <QualitySections />
      {isPending ? <LoadingRows rows={6} /> : null}
      {error && !data ? <ErrorNote error={error} retry={() => void refetch()} /> : null}
      {data ? <Told report={data} /> : null}
      <Sessions />
    </div>
  )
}

function Told({ report }: { report: Agreement }) {
  const { t } = useI18n()
  return (
    <>
      <Panel
        flush
        title={t('cal.questions')}
        note={t('cal.questions.note', { n: count(report.calls) })}
        testId="questions"
      >
        {report.questions.length === 0 ? (
          <EmptyNote
            title={t('cal.empty')}
            detail={t('cal.empty.detail')}
            icon={<IconChartDots size={22} stroke={1.6} />}
          />
        ) : (
          <Questions questions={report.questions} />
        )}
      </Panel>
      {report.leanings.length > 0 ? (
        <Panel flush title={t('cal.leanings')} note={t('cal.leanings.note')} className={classes['below']}>
          <Leanings leanings={report.leanings} />
        </Panel>
      ) : null}
    </>
  )
}

/** A coefficient to two places; a dash where it is not defined. */
function figure(value: number | null) {
  return <span className="num">{value === null ? '–' : value.toFixed(2)}</span>
}

function Questions({ questions }: { questions: Question[] }) {
  const { t, words } = useI18n()
  const names = [...new Set(questions.map((one) => one.scorecard))]
  const cards = useQuery({
    queryKey: ['cards', names],
    queryFn: () => Promise.all(names.map((name) => api.scorecard(name))),
    staleTime: 60_000,
  })
  const text = (row: Question) => {
    const card = cards.data?.find((one) => one.id === row.scorecard)
    const item = card && itemsOf(card).find((one) => one.id === row.item)
    return item ? words(item.text) : plainWords(row.item)
  }
  const columns: Column<Question>[] = [
    {
      key: 'item',
      head: t('cal.question'),
      cell: (row) => (
        <span className="cut" title={text(row)}>
          {text(row)}
        </span>
      ),
    },
    {
      key: 'calls',
      head: t('cal.calls'),
      width: '70px',
      phone: false,
      right: true,
      cell: (row) => <span className="num">{row.calls}</span>,
    },
    {
      key: 'agreement',
      head: t('cal.agreement'),
      width: '96px',
      phone: '96px',
      right: true,
      cell: (row) => (
        <span className="num">{row.agreement === null ? '–' : `${Math.round(row.agreement * 100)}%`}</span>
      ),
    },
    {
      key: 'gwet',
      head: t('cal.gwet'),
      width: '92px',
      phone: false,
      right: true,
      cell: (row) => figure(row.gwet),
    },
    {
      key: 'alpha',
      head: t('cal.alpha'),
      width: '130px',
      phone: false,
      right: true,
      cell: (row) => figure(row.alpha),
    },
    {
      key: 'kappa',
      head: t('cal.kappa'),
      width: '96px',
      phone: false,
      right: true,
      cell: (row) => figure(row.kappa),
    },
    {
      key: 'positive',
      head: t('cal.positive'),
      width: '84px',
      phone: false,
      right: true,
      cell: (row) => figure(row.positive),
    },
    {
      key: 'verdict',
      head: t('cal.verdict'),
      width: '140px',
      phone: '116px',
      cell: (row) => (
        <span title={row.verdict === 'unclear' ? t('cal.unclear.why') : undefined}>
          <WordBadge tone={TONES[row.verdict]} testId="verdict">
            {t(`cal.${row.verdict}`)}
          </WordBadge>
        </span>
      ),
    },
  ]
  return (
    <DataTable
      testId="questions-table"
      label={t('cal.questions')}
      minWidth={860}
      columns={columns}
      rows={questions}
      rowKey={(row) => `${row.scorecard} ${row.item}`}
    />
  )
}

const LIKE = 0.05

/** Nothing has no sign. */
function signless(text: string): string {
  return Number(text) === 0 ? text.replace('-', '') : text
}

function Leanings({ leanings }: { leanings: Leaning[] }) {
  const { t } = useI18n()
  const says = (bias: number | null) => {
    if (bias === null) return '–'
    if (Math.abs(bias) < LIKE) return t('cal.like')
    return t(bias > 0 ? 'cal.kinder' : 'cal.stricter')
  }
  const columns: Column<Leaning>[] = [
    { key: 'who', head: t('load.who'), cell: (row) => <span className="cut">{row.reviewer}</span> },
    {
      key: 'calls',
      head: t('cal.calls'),
      width: '80px',
      phone: '60px',
      right: true,
      cell: (row) => <span className="num">{row.calls}</span>,
    },
    {
      key: 'bias',
      head: t('cal.bias'),
      width: '200px',
      phone: '130px',
      cell: (row) => (
        <span className={classes['cell']}>
          <span>{says(row.bias)}</span>
          {row.bias === null ? null : <span className="faint num">{signless(row.bias.toFixed(2))}</span>}
        </span>
      ),
    },
    {
      key: 'severity',
      head: t('cal.severity'),
      width: '170px',
      phone: false,
      right: true,
      cell: (row) => (
        <span className="num">{row.severity === null ? '–' : signless(row.severity.toFixed(1))}</span>
      ),
    },
  ]
  return (
    <DataTable
      testId="leanings-table"
      label={t('cal.leanings')}
      minWidth={520}
      columns={columns}
      rows={leanings}
      rowKey={(row) => row.reviewer}
    />
  )
}

function Sessions() {
  const { t, language } = useI18n()
  const [open, setOpen] = useState<string | null>(null)
  const { data } = useQuery({ queryKey: ['calibrations'], queryFn: judging.calibrations })
  const columns: Column<Calibration>[] = [
    {
      key: 'at',
      head: t('cal.when'),
      width: '150px',
      phone: '110px',
      cell: (row) => <span className="num">{dayAndTime(row.called_at, language)}</span>,
    },
    { key: 'agent', head: t('filter.agent'), phone: false, cell: (row) => <AgentName agent={row.agent} /> },
    {
      key: 'who',
      head: t('cal.participants'),
      cell: (row) => (
        <span className={classes['cell']}>
          <span className="cut">{row.participants.join(', ')}</span>
          <ByItself session={row} />
        </span>
      ),
    },
    {
      key: 'state',
      head: t('coach.state'),
      width: '110px',
      phone: '84px',
      cell: (row) => (
        <WordBadge tone={row.state === 'scoring' ? 'accent' : 'plain'}>{t(`cal.${row.state}`)}</WordBadge>
      ),
    },
  ]
  return (
    <>
      <Panel flush title={t('cal.sessions')} className={classes['below']}>
        {data && data.items.length === 0 ? <EmptyNote title={t('cal.sessions.empty')} /> : null}
        {data && data.items.length > 0 ? (
          <DataTable
            testId="sessions"
            label={t('cal.sessions')}
            minWidth={560}
            columns={columns}
            rows={data.items}
            rowKey={(row) => row.id}
            open={(row) => setOpen(row.id === open ? null : row.id)}
            chosen={(row) => row.id === open}
          />
        ) : null}
      </Panel>
      {open ? <SessionPanel key={open} id={open} /> : null}
    </>
  )
}

/** Nobody called it: too many of the first participant's scores were overturned. */
function ByItself({ session }: { session: Calibration }) {
  const { t } = useI18n()
  if (session.called_by !== '') return null
  return (
    <span title={t('cal.byitself.why', { who: session.participants[0] ?? '–' })}>
      <WordBadge tone="warn" testId="by-itself">
        {t('cal.byitself')}
      </WordBadge>
    </span>
  )
}

function SessionPanel({ id }: { id: string }) {
  const { t, language } = useI18n()
  const { may } = useSession()
  const { attempt } = useNotice()
  const client = useQueryClient()
  const { data, error, refetch } = useQuery({
    queryKey: ['calibration', id],
    queryFn: () => judging.calibration(id),
  })
  const place = useRef<HTMLDivElement>(null)
  const there = data !== undefined
  useEffect(() => {
    if (there) place.current?.scrollIntoView({ block: 'nearest' }) // the list above it may be long
  }, [there])
  if (error) return <ErrorNote error={error} retry={() => void refetch()} />
  if (!data) return <LoadingRows rows={3} />
  const done = data.reviews.filter((one) => one.state === 'scored').length
  const close = async () => {
    if (!(await attempt(() => judging.close(id)))) return
    for (const key of ['calibration', 'calibrations', 'agreement'])
      void client.invalidateQueries({ queryKey: [key] })
  }
  return (
    <div ref={place}>
      <Panel
        flush
        className={classes['below']}
        testId="session"
        title={t('cal.session', { when: dayAndTime(data.called_at, language) })}
        note={t('cal.done', { n: done, all: data.reviews.length })}
        right={
          data.state === 'scoring' && may('lead_quality') ? (
            <Button
              size="compact-sm"
              disabled={done < 2}
              onClick={() => void close()}
              data-testid="session-close"
            >
              {t('cal.close')}
            </Button>
          ) : null
        }
      >
        {data.note ? <p className={classes['told']}>{data.note}</p> : null}
        {data.called_by === '' ? (
          <p className={classes['told']}>{t('cal.byitself.why', { who: data.participants[0] ?? '–' })}</p>
        ) : null}
        <ul className={classes['agents']}>
          {data.reviews.map((one) => (
            <li key={one.review}>
              <span>
                {one.login}
                {one.login === data.reference ? ` · ${t('cal.reference')}` : ''}
              </span>
              <span className="num">
                {one.score === null ? t(`reviews.${one.state}`) : one.score.toFixed(0)}
              </span>
            </li>
          ))}
        </ul>
        {data.report ? <Questions questions={data.report.questions} /> : null}
        {data.report && data.report.leanings.length > 0 ? <Leanings leanings={data.report.leanings} /> : null}
      </Panel>
    </div>
  )
}
