/** What who leads quality does with a review nobody is at: give it to somebody, or take the call out with a reason. */
import { Button, Modal, Select, Textarea } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { ReviewDetail } from '@/api/types'
import { useNotice } from '@/common/notice'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import { judging } from './api'
import classes from './judging.module.css'

const SHORTEST_REASON = 3

export function DeskActions({ review }: { review: ReviewDetail }) {
  const { t } = useI18n()
  const { may } = useSession()
  const [excluding, setExcluding] = useState(false)
  if (!may('lead_quality') || (review.state !== 'open' && review.state !== 'eligible')) return null
  return (
    <>
      <Assign review={review} />
      <Button size="sm" variant="default" onClick={() => setExcluding(true)} data-testid="exclude-open">
        {t('reviews.exclude')}
      </Button>
      <Modal
        opened={excluding}
        onClose={() => setExcluding(false)}
        title={t('reviews.exclude')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        <Exclude review={review} />
      </Modal>
    </>
  )
}

function useStep(review: string) {
  const { attempt, say } = useNotice()
  const client = useQueryClient()
  return async (action: () => Promise<unknown>, done: string) => {
    const worked = await attempt(action)
    await client.invalidateQueries({ queryKey: ['review', review] })
    for (const key of ['reviews', 'reviewers']) void client.invalidateQueries({ queryKey: [key] })
    if (worked) say(done)
  }
}

function Assign({ review }: { review: ReviewDetail }) {
  const { t } = useI18n()
  const step = useStep(review.id)
  const { data } = useQuery({ queryKey: ['reviewers', 'all'], queryFn: () => judging.reviewers(0) })
  const to = review.assigned_to
  const logins = [...new Set([...(data?.may_take ?? []), ...(to ? [to] : [])])]
  return (
    <Select
      size="sm"
      w={190}
      aria-label={t('reviews.assign')}
      placeholder={t('reviews.assign.anyone')}
      data={logins}
      value={to}
      searchable
      clearable
      onChange={(login) =>
        void step(
          () => judging.assign(review.id, login),
          login ? t('reviews.assign.done', { who: login }) : t('reviews.assign.free'),
        )
      }
      data-testid="assign"
    />
  )
}

function Exclude({ review }: { review: ReviewDetail }) {
  const { t } = useI18n()
  const step = useStep(review.id)
  const [reason, setReason] = useState('')
  return (
    <div className={classes['form']}>
      <p className="quiet">{t('reviews.exclude.note')}</p>
      <Textarea
        label={t('reviews.exclude.why')}
        autosize
        minRows={2}
        maxLength={200}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        data-autofocus
        data-testid="exclude-reason"
      />
      <div className={classes['actions']}>
        <Button
          disabled={reason.trim().length < SHORTEST_REASON}
          onClick={() =>
            void step(() => judging.exclude(review.id, reason.trim()), t('reviews.exclude.done'))
          }
          data-testid="exclude-send"
        >
          {t('reviews.exclude')}
        </Button>
      </div>
    </div>
  )
}
