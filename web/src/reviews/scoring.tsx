import { Button } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useRef } from 'react'
import { Link, useParams } from 'react-router'
import { api } from '@/api/client'
import type { ReviewDetail, Scorecard } from '@/api/types'
import { AgentName } from '@/common/agent-name'
import { BackLink } from '@/common/back-link'
import { useNotice } from '@/common/notice'
import { PageHead, Panel } from '@/common/panel'
import { ErrorNote, LoadingRows } from '@/common/states'
import { TierBadge } from '@/common/tier-badge'
import { ResultBadge, WordBadge } from '@/common/word-badge'
import { dayAndTime } from '@/format'
import { useI18n } from '@/i18n'
import Player, { type PlayerControl } from '@/recordings/player'
import { useSession } from '@/session/session'
import { moments } from './answers'
import { DeskActions } from './desk-actions'
import { exclusionText } from './exclusion'
import { LeadActions } from './lead'
import { isMine } from './mine'
import { ScoreBox } from './score-box'
import { ScorecardForm } from './scorecard-form'
import classes from './scoring.module.css'
import { useKeys } from './use-keys'
import { useScoring } from './use-scoring'

export default function ScoringPage() {
  const { id = '' } = useParams()
  const { t } = useI18n()
  const review = useQuery({ queryKey: ['review', id], queryFn: () => api.review(id) })
  const name = review.data?.scorecard
  const version = review.data?.scorecard_version
  const card = useQuery({
    queryKey: ['scorecard', name, version],
    queryFn: () => api.scorecard(name ?? '', version),
    enabled: name !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const error = review.error ?? card.error
  return (
    <>
      <BackLink to="/reviews">{t('reviews.title')}</BackLink>
      {review.data && card.data ? (
        <Scoring key={`${review.data.id} ${review.data.state}`} review={review.data} card={card.data} />
      ) : error ? (
        <ErrorNote error={error} retry={() => void (review.error ? review.refetch() : card.refetch())} tall />
      ) : (
        <LoadingRows rows={8} height={48} />
      )}
    </>
  )
}

function Scoring({ review, card }: { review: ReviewDetail; card: Scorecard }) {
  const { t, words, language } = useI18n()
  const { user, may } = useSession()
  const player = useRef<PlayerControl>(null)
  const editable = review.state === 'claimed' && isMine(review, user)
  const scoring = useScoring(review, card, editable)
  const now = useCallback(() => player.current?.now() ?? 0, [])
  const ready = scoring.missing === 0 && scoring.unexplained === 0 && !scoring.saving
  useKeys({
    card,
    change: editable ? scoring.change : null,
    player,
    save: ready ? () => void scoring.save() : null,
  })
  return (
    <div data-testid="scoring" data-state={review.state}>
      <PageHead
        title={words(card.title)}
        note={
          <span className={classes['about']}>
            <TierBadge tier={review.tier} />
            <span>{review.queue}</span>
            <span>
              {t('filter.agent')} <AgentName agent={review.agent} />
            </span>
            <span className="faint num">{dayAndTime(review.created_at, language)}</span>
            {may('see_calls') ? (
              <Link to={`/calls/${encodeURIComponent(review.call)}`} className={classes['link'] ?? ''}>
                {t('recordings.call')}
              </Link>
            ) : null}
          </span>
        }
        right={
          <>
            <DeskActions review={review} />
            <Standing review={review} />
          </>
        }
      />
      <Remarks review={review} />
      <LeadActions review={review} card={card} />
      <div className={classes['columns']}>
        <div className={classes['form']}>
          <ScorecardForm
            card={card}
            draft={scoring.draft}
            change={editable ? scoring.change : null}
            now={now}
            jump={(seconds) => player.current?.jump(seconds)}
          />
        </div>
        <aside className={classes['side']}>
          <Panel>
            <Player recording={review.recording} control={player} marks={moments(scoring.draft)} />
          </Panel>
          <ScoreBox review={review} card={card} scoring={scoring} editable={editable} />
        </aside>
      </div>
    </div>
  )
}

/** Why it is reviewed, and what is particular about it. */
function Remarks({ review }: { review: ReviewDetail }) {
  const { t, word } = useI18n()
  const blind = review.state === 'scored' && review.breakdown === null
  return (
    <p className={classes['remarks']} data-testid="remarks">
      {review.purpose === 'score' ? (
        <span className="faint">
          {t('reviews.plan')}: {word('plan', review.plan)}
        </span>
      ) : (
        <WordBadge tone="accent">{t(`purpose.${review.purpose}`)}</WordBadge>
      )}
      {review.own_team ? (
        <span title={t('reviews.ownteam.why')}>
          <WordBadge tone="warn">{t('reviews.ownteam')}</WordBadge>
        </span>
      ) : null}
      {review.changed ? <WordBadge tone="good">{t('reviews.changed')}</WordBadge> : null}
      {blind ? <span className="quiet">{t('reviews.blind')}</span> : null}
      {review.exclusion ? <span className="quiet">{exclusionText(review.exclusion, t)}</span> : null}
    </p>
  )
}

function Standing({ review }: { review: ReviewDetail }) {
  const { t } = useI18n()
  const { user } = useSession()
  const { attempt } = useNotice()
  const client = useQueryClient()
  const act = async (action: () => Promise<unknown>) => {
    await attempt(action)
    await client.invalidateQueries({ queryKey: ['review', review.id] })
    void client.invalidateQueries({ queryKey: ['reviews'] })
  }
  if (review.state === 'scored') {
    return (
      <span className={classes['standing']}>
        <strong className="num" data-testid="review-score">
          {review.score === null ? '–' : review.score.toFixed(0)}
        </strong>
        <ResultBadge result={review.result} />
      </span>
    )
  }
  if (review.state === 'excluded') return <span className="quiet">{t('reviews.excluded')}</span>
  if (review.state === 'open' || review.state === 'eligible') {
    return (
      <Button size="sm" onClick={() => void act(() => api.claim(review.id))} data-testid="review-claim">
        {t('reviews.claim')}
      </Button>
    )
  }
  if (isMine(review, user)) {
    return (
      <Button
        size="sm"
        variant="default"
        onClick={() => void act(() => api.release(review.id))}
        data-testid="review-release"
      >
        {t('reviews.release')}
      </Button>
    )
  }
  return <span className="quiet">{t('score.claimedby', { who: review.reviewer ?? '–' })}</span>
}
