/** An agent reads how a call of theirs was judged, says so, or disputes it question by question. */
import { Button, Checkbox, Textarea } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { useParams } from 'react-router'
import type { ReviewDetail, Scorecard } from '@/api/types'
import { BackLink } from '@/common/back-link'
import { useNotice } from '@/common/notice'
import { PageHead, Panel } from '@/common/panel'
import { ErrorNote, LoadingRows } from '@/common/states'
import { ResultBadge, WordBadge } from '@/common/word-badge'
import { dayAndTime } from '@/format'
import { useI18n } from '@/i18n'
import Player, { type PlayerControl } from '@/recordings/player'
import { itemsOf, moments } from './answers'
import { judging, type Standing } from './api'
import classes from './judging.module.css'
import { ScorecardForm } from './scorecard-form'
import scoring from './scoring.module.css'

export default function OwnReviewPage() {
  const { id = '' } = useParams()
  const { t } = useI18n()
  const review = useQuery({ queryKey: ['own-review', id], queryFn: () => judging.ownReview(id) })
  const card = useQuery({ queryKey: ['own-card', id], queryFn: () => judging.ownScorecard(id) })
  const standing = useQuery({ queryKey: ['standing', id], queryFn: () => judging.standing(id) })
  const error = review.error ?? card.error ?? standing.error
  return (
    <div data-testid="own-review-page">
      <BackLink to="/desk">{t('nav.desk')}</BackLink>
      {error ? <ErrorNote error={error} retry={() => void review.refetch()} tall /> : null}
      {!error && review.data && card.data && standing.data ? (
        <Judged review={review.data} card={card.data} standing={standing.data} />
      ) : null}
      {!error && !(review.data && card.data && standing.data) ? <LoadingRows rows={6} height={48} /> : null}
    </div>
  )
}

interface JudgedProps {
  review: ReviewDetail
  card: Scorecard
  standing: Standing
}

function Judged({ review, card, standing }: JudgedProps) {
  const { t, words, language } = useI18n()
  const [disputing, setDisputing] = useState(false)
  const player = useRef<PlayerControl>(null)
  return (
    <>
      <PageHead
        title={t('own.heard')}
        note={
          <span>
            {words(card.title)} · {review.queue} ·{' '}
            <span className="num">{dayAndTime(review.started_at, language)}</span>
          </span>
        }
        right={
          <span className={scoring['standing']}>
            <strong className="num" data-testid="own-score">
              {review.score === null ? '–' : review.score.toFixed(0)}
            </strong>
            <ResultBadge result={review.result} />
            {review.changed ? <WordBadge tone="good">{t('reviews.changed')}</WordBadge> : null}
          </span>
        }
      />
      <div className={scoring['columns']}>
        <div className={scoring['form']}>
          <ScorecardForm
            card={card}
            draft={review.answers ?? {}}
            change={null}
            now={() => 0}
            jump={(seconds) => player.current?.jump(seconds)}
          />
        </div>
        <aside className={scoring['side']}>
          {standing.may_hear ? (
            <Panel title={t('own.listen')} note={t('own.listen.note')} testId="own-sound">
              <Player
                recording={review.recording}
                own={review.id}
                control={player}
                marks={moments(review.answers ?? {})}
              />
            </Panel>
          ) : null}
          <Panel>
            <div className={classes['form']}>
              {review.comment ? <p className={classes['wrap']}>{review.comment}</p> : null}
              <Acknowledge id={review.id} standing={standing} />
              <DisputeState
                id={review.id}
                standing={standing}
                disputing={disputing}
                begin={() => setDisputing(true)}
              />
            </div>
          </Panel>
          {disputing && standing.open ? (
            <DisputeForm id={review.id} card={card} done={() => setDisputing(false)} />
          ) : null}
        </aside>
      </div>
    </>
  )
}

function useStep(id: string) {
  const { attempt } = useNotice()
  const client = useQueryClient()
  return async (action: () => Promise<Standing>) => {
    const worked = await attempt(action)
    await client.invalidateQueries({ queryKey: ['standing', id] })
    void client.invalidateQueries({ queryKey: ['own-reviews'] })
    return worked
  }
}

function Acknowledge({ id, standing }: { id: string; standing: Standing }) {
  const { t, language } = useI18n()
  const step = useStep(id)
  if (standing.acknowledged_at) {
    return (
      <span className="quiet">
        {t('own.acknowledged', { when: dayAndTime(standing.acknowledged_at, language) })}
      </span>
    )
  }
  return (
    <Button
      variant="default"
      onClick={() => void step(() => judging.acknowledge(id))}
      data-testid="own-acknowledge"
    >
      {t('own.acknowledge')}
    </Button>
  )
}

interface DisputeStateProps {
  id: string
  standing: Standing
  disputing: boolean
  begin: () => void
}

function DisputeState({ id, standing, disputing, begin }: DisputeStateProps) {
  const { t, word, language } = useI18n()
  const step = useStep(id)
  const { dispute } = standing
  const when = dayAndTime(standing.until, language)
  if (dispute?.outcome) {
    return (
      <div className={classes['form']} data-testid="own-outcome">
        <span className={classes['cell']}>
          {t('dispute.outcome')}{' '}
          <WordBadge tone={dispute.outcome === 'changed' ? 'good' : 'plain'}>
            {word('judged', dispute.outcome)}
          </WordBadge>
        </span>
        {dispute.note ? <q className={classes['wrap']}>{dispute.note}</q> : null}
      </div>
    )
  }
  if (dispute) {
    return (
      <div className={classes['form']} data-testid="own-disputed">
        <span>{t('own.dispute.open', { when: dayAndTime(dispute.raised_at, language) })}</span>
        <Button
          variant="subtle"
          onClick={() => void step(() => judging.withdraw(id))}
          data-testid="own-withdraw"
        >
          {t('own.dispute.back')}
        </Button>
      </div>
    )
  }
  if (!standing.open) return <span className="faint">{t('own.dispute.over', { when })}</span>
  return (
    <>
      <span className="faint">{t('own.dispute.until', { when })}</span>
      {disputing ? null : (
        <Button variant="light" onClick={begin} data-testid="own-dispute">
          {t('own.dispute')}
        </Button>
      )}
    </>
  )
}

function DisputeForm({ id, card, done }: { id: string; card: Scorecard; done: () => void }) {
  const { t, words } = useI18n()
  const { say } = useNotice()
  const step = useStep(id)
  const [reasons, setReasons] = useState<Record<string, string>>({})
  const [comment, setComment] = useState('')
  const ready = Object.keys(reasons).length > 0 && Object.values(reasons).every((text) => text.trim() !== '')
  const mark = (item: string, on: boolean) =>
    setReasons(({ [item]: had, ...rest }) => (on ? { ...rest, [item]: had ?? '' } : rest))
  const send = async () => {
    if (!(await step(() => judging.raise(id, reasons, comment.trim())))) return
    say(t('own.dispute.sent'))
    done()
  }
  return (
    <Panel title={t('own.dispute')} testId="dispute-form">
      <div className={classes['form']}>
        <p className="quiet">{t('own.dispute.help')}</p>
        {itemsOf(card).map((item) => (
          <div key={item.id} className={classes['form']}>
            <Checkbox
              size="sm"
              label={words(item.text)}
              checked={reasons[item.id] !== undefined}
              onChange={(event) => mark(item.id, event.currentTarget.checked)}
              data-testid={`dispute-${item.id}`}
            />
            {reasons[item.id] === undefined ? null : (
              <Textarea
                size="xs"
                autosize
                autoFocus
                maxLength={2000}
                aria-label={t('own.dispute.why')}
                placeholder={t('own.dispute.why')}
                value={reasons[item.id]}
                onChange={(event) => {
                  const text = event.currentTarget.value
                  setReasons((old) => ({ ...old, [item.id]: text }))
                }}
                data-testid={`reason-${item.id}`}
              />
            )}
          </div>
        ))}
        <Textarea
          size="sm"
          label={t('own.dispute.more')}
          autosize
          maxLength={2000}
          value={comment}
          onChange={(event) => setComment(event.currentTarget.value)}
        />
        <div className={classes['actions']}>
          <Button disabled={!ready} onClick={() => void send()} data-testid="dispute-send">
            {t('own.dispute.send')}
          </Button>
        </div>
      </div>
    </Panel>
  )
}
