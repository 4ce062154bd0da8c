/** The draft of a review: kept in this tab until saved, previewed by the server as it grows. */
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { api } from '@/api/client'
import type { Answer, Preview, ReviewDetail, Scorecard } from '@/api/types'
import { useNotice } from '@/common/notice'
import { useI18n } from '@/i18n'
import { complete, type Draft, noted, unanswered, unexplained } from './answers'

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
}

interface Kept {
  draft: Draft
  comment: string
}

function kept(key: string): Kept | null {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? 'null') as Kept | null
  } catch {
    return null
  }
}

export function useScoring(review: ReviewDetail, card: Scorecard, editable: boolean): Scoring {
  const { t } = useI18n()
  const { attempt, say } = useNotice()
  const client = useQueryClient()
  const key = `tierline.review.${review.id}`
  const [{ draft, comment }, set] = useState<Kept>(
    () => (editable ? kept(key) : null) ?? { draft: review.answers ?? {}, comment: review.comment ?? '' },
  )
  const [saving, setSaving] = useState(false)

  useEffect(() => {
    if (editable) sessionStorage.setItem(key, JSON.stringify({ draft, comment }))
  }, [editable, key, draft, comment])

  const [settled] = useDebouncedValue(draft, 250)
  const answers = complete(settled)
  const preview = useQuery({
    queryKey: ['preview', review.id, answers],
    queryFn: () => api.preview(review.id, { answers, comment: '' }),
    enabled: editable && Object.keys(answers).length > 0,
    placeholderData: keepPreviousData,
    retry: false,
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
    setComment: (text) => set((old) => ({ ...old, comment: text })),
    change: (item, part) => set((old) => ({ ...old, draft: noted(old.draft, item, part) })),
    preview: preview.data ?? null,
    previewFailed: preview.isError,
    missing: unanswered(card, complete(draft)).length,
    unexplained: unexplained(card, complete(draft)).length,
    saving,
    save,
  }
}
