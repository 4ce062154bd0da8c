/** The draft of a review: kept on the server as it grows, and in this tab until it is there; previewed by the server. */
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { ApiError, api } from '@/api/client'
import type { Answer, Preview, ReviewDetail, Scorecard } from '@/api/types'
import { useNotice } from '@/common/notice'
import { useI18n } from '@/i18n'
import { complete, type Draft, noted, unanswered, unexplained } from './answers'
import { judging } from './api'

export type Keeping = 'kept' | 'keeping' | 'failed' | 'lost'

export interface Scoring {
  draft: Draft
  comment: string
  setComment(text: string): void
  change(item: string, part: Partial<Answer>): void
  preview: Preview | null
  previewFailed: boolean
  missing: number
  unexplained: number
  saving: boolean
  save(): Promise<void>
  keeping: Keeping
  /** Milliseconds since 1970; null while nothing was written in this page. */
  keptAt: number | null
}

interface Kept {
  draft: Draft
  comment: string
}

const HEARTBEAT_MS = 60_000
const PAUSE_MS = 800
const AGAIN_MS = 5_000
const LOST = [403, 404, 409]

function kept(key: string): Kept | null {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? 'null') as Kept | null
  } catch {
    return null
  }
}

/** What this tab has and the server may not have yet goes before what the server kept. */
function begun(review: ReviewDetail, key: string, editable: boolean): Kept {
  const draft = review.draft && { draft: review.draft.answers as Draft, comment: review.draft.comment }
  return (
    (editable ? (kept(key) ?? draft) : null) ?? { draft: review.answers ?? {}, comment: review.comment ?? '' }
  )
}

/** Only what was said travels; an absent value stays absent. */
function sent(draft: Draft): Draft {
  return Object.fromEntries(
    Object.entries(draft).map(([item, one]) => [
      item,
      Object.fromEntries(Object.entries(one).filter(([, value]) => value !== null && value !== undefined)),
    ]),
  )
}

/** Keeps the draft on the server, and tells it that the page is open while nothing is written. */
function useKeeping(review: string, held: Kept, key: string, editable: boolean) {
  const [keeping, setKeeping] = useState<Keeping>('kept')
  const [keptAt, setKeptAt] = useState<number | null>(null)
  const [attempt, setAttempt] = useState(0)
  const [settled] = useDebouncedValue(held, PAUSE_MS)
  const there = useRef<Kept | null>(kept(key) ? null : held) // what only this tab has is sent at once

  // biome-ignore lint/correctness/useExhaustiveDependencies: `attempt` counts tries: a new one sends the same again
  useEffect(() => {
    if (!editable || settled === there.current) return
    let left = false
    let again: ReturnType<typeof setTimeout> | undefined
    setKeeping('keeping')
    judging.keepDraft(review, sent(settled.draft), settled.comment).then(
      () => {
        if (left) return
        there.current = settled
        if (sessionStorage.getItem(key) === JSON.stringify(settled)) sessionStorage.removeItem(key)
        setKeptAt(Date.now())
        setKeeping('kept')
      },
      (error: unknown) => {
        if (left) return
        const lost = error instanceof ApiError && LOST.includes(error.status)
        setKeeping(lost ? 'lost' : 'failed')
        if (!lost) again = setTimeout(() => setAttempt((old) => old + 1), AGAIN_MS)
      },
    )
    return () => {
      left = true
      clearTimeout(again)
    }
  }, [editable, settled, review, key, attempt])

  useEffect(() => {
    if (!editable) return
    const timer = setInterval(() => {
      judging.heartbeat(review).catch((error: unknown) => {
        if (error instanceof ApiError && LOST.includes(error.status)) setKeeping('lost')
      })
    }, HEARTBEAT_MS)
    return () => clearInterval(timer)
  }, [editable, review])
  const onItsWay = keeping === 'kept' && held !== settled
  return { keeping: onItsWay ? ('keeping' as const) : keeping, keptAt }
}

export function useScoring(review: ReviewDetail, card: Scorecard, editable: boolean): Scoring {
  const { t } = useI18n()
  const { attempt, say } = useNotice()
  const client = useQueryClient()
  const key = `tierline.review.${review.id}`
  const [held, set] = useState<Kept>(() => begun(review, key, editable))
  const { draft, comment } = held
  const [saving, setSaving] = useState(false)
  const { keeping, keptAt } = useKeeping(review.id, held, key, editable)

  const [settled] = useDebouncedValue(draft, 250)
  const answers = complete(settled)
  const preview = useQuery({
    queryKey: ['preview', review.id, answers],
    queryFn: () => api.preview(review.id, { answers, comment: '' }),
    enabled: editable && Object.keys(answers).length > 0,
    placeholderData: keepPreviousData,
    retry: false,
  })

  const write = (change: (old: Kept) => Kept) =>
    set((old) => {
      const next = change(old)
      if (editable) sessionStorage.setItem(key, JSON.stringify(next))
      return next
    })

  const save = async () => {
    setSaving(true)
    const worked = await attempt(() =>
      api.score(review.id, { answers: complete(draft), comment: comment.trim() }),
    )
    setSaving(false)
    if (!worked) return
    sessionStorage.removeItem(key)
    say(t('score.saved'))
    await client.invalidateQueries({ queryKey: ['review', review.id] })
    void client.invalidateQueries({ queryKey: ['reviews'] })
    void client.invalidateQueries({ queryKey: ['recordings'] })
  }

  return {
    draft,
    comment,
    setComment: (text) => write((old) => ({ ...old, comment: text })),
    change: (item, part) => write((old) => ({ ...old, draft: noted(old.draft, item, part) })),
    preview: preview.data ?? null,
    previewFailed: preview.isError,
    missing: unanswered(card, complete(draft)).length,
    unexplained: unexplained(card, complete(draft)).length,
    saving,
    save,
    keeping,
    keptAt,
  }
}
