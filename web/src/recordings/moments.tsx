/** The answers of a recording's review that name a moment of it. */
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { api } from '@/api/client'
import type { ReviewDetail, Scorecard } from '@/api/types'
import { Panel } from '@/common/panel'
import { clock } from '@/format'
import { useI18n } from '@/i18n'
import { itemsOf } from '@/reviews/answers'
import { useSession } from '@/session/session'
import classes from './recording.module.css'

export interface ReviewMoment {
  item: string
  at: number
  text: Scorecard['title']
  comment: string
}

const NONE: ReviewMoment[] = []

export function useReviewMoments(review: string | null): ReviewMoment[] {
  const { may } = useSession()
  const { data } = useQuery({
    queryKey: ['review', review],
    queryFn: () => api.review(review ?? ''),
    enabled: review !== null && may('review'),
  })
  const { data: card } = useQuery({
    queryKey: ['scorecard', data?.scorecard, data?.scorecard_version],
    queryFn: () => api.scorecard(data?.scorecard ?? '', data?.scorecard_version),
    enabled: data !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  })
  return useMemo(() => (data && card ? momentsOf(data, card) : NONE), [data, card])
}

function momentsOf(review: ReviewDetail, card: Scorecard): ReviewMoment[] {
  return itemsOf(card)
    .flatMap((item) => {
      const answer = review.answers[item.id]
      if (answer?.at_seconds === null || answer?.at_seconds === undefined) return []
      return [{ item: item.id, at: answer.at_seconds, text: item.text, comment: answer.comment ?? '' }]
    })
    .sort((one, other) => one.at - other.at)
}

export function Moments({ moments, jump }: { moments: ReviewMoment[]; jump(seconds: number): void }) {
  const { t, words } = useI18n()
  return (
    <Panel title={t('recording.answers')} testId="recording-answers">
      <ol className={classes['notes']}>
        {moments.map(({ item, at, text, comment }) => (
          <li key={item} className={classes['note']}>
            <button type="button" className={`${classes['at']} num`} onClick={() => jump(at)}>
              {clock(at)}
            </button>
            <span className={classes['text']}>
              {words(text)}
              {comment ? <span className={`${classes['who']} faint`}>{comment}</span> : null}
            </span>
          </li>
        ))}
      </ol>
    </Panel>
  )
}
