/** Disputes: what agents object to, the two scores side by side, and the decision of a third person. */
import { Button, SegmentedControl, Textarea } from '@mantine/core'
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'react-router'
import { api, PAGE_SIZE } from '@/api/client'
import type { Scorecard } from '@/api/types'
import { AgentName } from '@/common/agent-name'
import { useNotice } from '@/common/notice'
import { Pager } from '@/common/pager'
import { Facts, PageHead, Panel } from '@/common/panel'
import { EmptyNote, ErrorNote, LoadingRows } from '@/common/states'
import { type Column, DataTable } from '@/common/table'
import { useFilters } from '@/common/use-filters'
import { ResultBadge, type Tone, WordBadge } from '@/common/word-badge'
import { dayAndTime, moment } from '@/format'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import { itemsOf } from './answers'
import { type Dispute, type DisputeDetail, judging } from './api'
import classes from './judging.module.css'
import { QualitySections } from './sections'

const TONES: Record<string, Tone> = { upheld: 'plain', changed: 'good', withdrawn: 'plain' }
const STATES = ['disputed', 'decided'] as const

export default function DisputesPage() {
  const { t, language, word } = useI18n()
  const { may } = useSession()
  const filters = useFilters()
  const state = filters.get('state') === 'decided' ? 'decided' : 'disputed'
  const chosen = filters.get('dispute')
  const query = { state, limit: PAGE_SIZE, offset: filters.offset }
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['disputes', query],
    queryFn: () => judging.disputes(query),
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
  })
  const columns: Column<Dispute>[] = [
    {
      key: 'at',
      head: t('dispute.raised'),
      width: '130px',
      phone: '92px',
      cell: (row) => <span className="quiet num">{moment(row.raised_at, language)}</span>,
    },
    { key: 'agent', head: t('filter.agent'), cell: (row) => <AgentName agent={row.agent} /> },
    {
      key: 'about',
      head: t('dispute.about'),
      width: '130px',
      phone: false,
      cell: (row) => t('dispute.questions', { n: Object.keys(row.items).length }),
    },
    {
      key: 'reviewer',
      head: t('reviews.reviewer'),
      phone: false,
      cell: (row) => <span className="cut">{row.reviewer}</span>,
    },
    {
      key: 'outcome',
      head: t('dispute.outcome'),
      width: '120px',
      phone: '96px',
      cell: (row) =>
        row.outcome ? (
          <WordBadge tone={TONES[row.outcome] ?? 'plain'}>{word('judged', row.outcome)}</WordBadge>
        ) : (
          <span className="faint">–</span>
        ),
    },
  ]
  return (
    <div data-testid="disputes-page">
      <PageHead
        title={t('dispute.title')}
        note={t('dispute.sub')}
        right={
          <SegmentedControl
            size="sm"
            data={STATES.map((value) => ({ value, label: t(`dispute.${value}`) }))}
            value={state}
            onChange={(value) =>
              filters.setMany({ state: value === 'disputed' ? null : value, dispute: null })
            }
            data-testid="disputes-state"
          />
        }
      />
      <QualitySections />
      <Panel flush>
        {isPending ? <LoadingRows rows={5} /> : null}
        {error && !data ? <ErrorNote error={error} retry={() => void refetch()} /> : null}
        {data && data.items.length === 0 ? <EmptyNote title={t(`dispute.empty.${state}`)} /> : null}
        {data && data.items.length > 0 ? (
          <>
            <DataTable
              testId="disputes"
              label={t('dispute.title')}
              minWidth={620}
              columns={columns}
              rows={data.items}
              rowKey={(row) => row.id}
              open={
                may('lead_quality')
                  ? (row) => filters.setMany({ dispute: row.id, offset: String(filters.offset) })
                  : undefined
              }
              chosen={(row) => row.id === chosen}
            />
            <Pager
              total={data.total}
              offset={filters.offset}
              move={(to) => filters.set('offset', String(to))}
            />
          </>
        ) : null}
      </Panel>
      {chosen && may('lead_quality') ? <OneDispute key={chosen} id={chosen} /> : null}
    </div>
  )
}

function OneDispute({ id }: { id: string }) {
  const dispute = useQuery({ queryKey: ['dispute', id], queryFn: () => judging.dispute(id) })
  const first = dispute.data?.first
  const card = useQuery({
    queryKey: ['scorecard', first?.scorecard, first?.scorecard_version],
    queryFn: () => api.scorecard(first?.scorecard ?? '', first?.scorecard_version),
    enabled: first !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const error = dispute.error ?? card.error
  if (error) return <ErrorNote error={error} retry={() => void dispute.refetch()} />
  if (!dispute.data || !card.data) return <LoadingRows rows={4} />
  return <Sides dispute={dispute.data} card={card.data} />
}

function Sides({ dispute, card }: { dispute: DisputeDetail; card: Scorecard }) {
  const { t, words, language } = useI18n()
  return (
    <Panel
      className={classes['below']}
      testId="dispute"
      title={<AgentName agent={dispute.agent} />}
      note={dayAndTime(dispute.raised_at, language)}
      right={
        <Button
          component={Link}
          to={`/reviews/${encodeURIComponent(dispute.review)}`}
          size="compact-sm"
          variant="subtle"
        >
          {t('reviews.view')}
        </Button>
      }
    >
      <div className={classes['form']}>
        {dispute.comment ? <p className={`${classes['wrap']} quiet`}>{dispute.comment}</p> : null}
        <div className={classes['sides']}>
          <Score title={t('dispute.first')} review={dispute.first} />
          {dispute.again ? (
            <Score title={t('dispute.again')} review={dispute.again} />
          ) : (
            <span className="quiet">{t('dispute.waiting')}</span>
          )}
        </div>
        <ul className={classes['answers']}>
          {itemsOf(card)
            .filter((item) => dispute.items[item.id] !== undefined)
            .map((item) => (
              <li key={item.id}>
                <strong>{words(item.text)}</strong>
                <q>
                  {t('dispute.reason')}: {dispute.items[item.id]}
                </q>
                <div className={classes['sides']}>
                  <Said answer={dispute.first.answers[item.id]} />
                  {dispute.again ? <Said answer={dispute.again.answers[item.id]} /> : null}
                </div>
              </li>
            ))}
        </ul>
        {dispute.state === 'disputed' ? (
          <Decision dispute={dispute} />
        ) : (
          <p className={classes['wrap']}>{dispute.note}</p>
        )}
      </div>
    </Panel>
  )
}

function Score({ title, review }: { title: string; review: DisputeDetail['first'] }) {
  const { t } = useI18n()
  return (
    <Facts
      columns={2}
      items={[
        [
          title,
          <span key="s" className={classes['cell']}>
            <b className="num">{review.breakdown?.score?.toFixed(0) ?? '–'}</b>
            <ResultBadge result={review.breakdown?.result} />
          </span>,
        ],
        [t('reviews.reviewer'), review.reviewer ?? '–'],
      ]}
    />
  )
}

function Said({ answer }: { answer: DisputeDetail['first']['answers'][string] | undefined }) {
  const { t } = useI18n()
  const value = answer?.value
  return (
    <span className={classes['said']}>
      <b>{value === undefined ? '–' : typeof value === 'number' ? value : t(`score.${value}`)}</b>
      {answer?.comment ? <span className="faint">{answer.comment}</span> : null}
    </span>
  )
}

function Decision({ dispute }: { dispute: DisputeDetail }) {
  const { t } = useI18n()
  const { attempt, say } = useNotice()
  const client = useQueryClient()
  const [note, setNote] = useState('')
  const decide = async (changed: boolean) => {
    if (!(await attempt(() => judging.decide(dispute.id, changed, note.trim())))) return
    say(t('dispute.ended'))
    for (const key of ['dispute', 'disputes', 'reviews', 'review'])
      void client.invalidateQueries({ queryKey: [key] })
  }
  const ready = dispute.rescored && note.trim().length >= 3
  return (
    <>
      <Textarea
        label={t('dispute.note')}
        autosize
        minRows={2}
        maxLength={2000}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
        data-testid="dispute-note"
      />
      <div className={classes['actions']}>
        <Button
          variant="default"
          disabled={!ready}
          onClick={() => void decide(false)}
          data-testid="dispute-uphold"
        >
          {t('dispute.uphold')}
        </Button>
        <Button disabled={!ready} onClick={() => void decide(true)} data-testid="dispute-change">
          {t('dispute.change')}
        </Button>
      </div>
    </>
  )
}
