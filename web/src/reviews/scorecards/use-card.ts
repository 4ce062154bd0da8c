/** A scorecard being written: kept in this tab until it is saved, looked over by the server as it changes. */
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { qualityApi, type Trial } from '@/api/quality'
import type { AnswerValue } from '@/api/types'
import { useNotice } from '@/common/notice'
import { useI18n } from '@/i18n'
import type { Card } from './card'

export type Chosen = Record<string, { value: AnswerValue }>

interface Kept {
  card: Card
  revision: number
}

export interface CardWriting {
  card: Card
  set(card: Card): void
  changed: boolean
  revision: number
  chosen: Chosen
  choose(item: string, value: AnswerValue): void
  trial: Trial | null
  /** The trial tells of the card as it stands. */
  current: boolean
  error: unknown
  save(): Promise<boolean>
  publish(note: string): Promise<boolean>
  discard(): void
}

const key = (id: string) => `tierline.scorecard.${id || 'new'}`

function kept(id: string): Kept | null {
  try {
    return JSON.parse(sessionStorage.getItem(key(id)) ?? 'null') as Kept | null
  } catch {
    return null
  }
}

/** `revision`: of the draft that `original` is; 0 when there is none yet. */
export function useCard(name: string, original: Card, revision: number, fresh: boolean): CardWriting {
  const { t } = useI18n()
  const { attempt, say } = useNotice()
  const client = useQueryClient()
  const found = kept(name)
  const usable = found?.revision === revision ? found.card : null
  const [card, setCard] = useState(usable ?? original)
  const [saved, setSaved] = useState<Kept>({ card: original, revision })
  const [chosen, setChosen] = useState<Chosen>({})
  const changed = fresh || JSON.stringify(card) !== JSON.stringify(saved.card)

  useEffect(() => {
    if (changed) sessionStorage.setItem(key(name), JSON.stringify({ card, revision: saved.revision }))
    else sessionStorage.removeItem(key(name))
  }, [changed, name, card, saved.revision])

  const [settled] = useDebouncedValue({ card, chosen }, 350)
  const trial = useQuery({
    queryKey: ['scorecard-trial', settled],
    queryFn: () => qualityApi.tryCard(settled.card, settled.chosen),
    placeholderData: keepPreviousData,
    retry: false,
  })

  const save = () =>
    attempt(async () => {
      const draft = await qualityApi.saveDraft(card, saved.revision)
      setSaved({ card, revision: draft.revision })
      sessionStorage.removeItem(key(name))
      say(t('card.saved'))
      await client.invalidateQueries({ queryKey: ['scorecard-drafts'] })
    })

  const publish = (note: string) =>
    attempt(async () => {
      const version = await qualityApi.publish(card.id, saved.revision, note)
      say(t('card.published', { n: version.version }))
      sessionStorage.removeItem(key(name))
      await Promise.all(
        [['scorecard-drafts'], ['scorecards'], ['scorecard-versions']].map((queryKey) =>
          client.invalidateQueries({ queryKey }),
        ),
      )
    })

  return {
    card,
    set: setCard,
    changed,
    revision: saved.revision,
    chosen,
    choose: (item, value) => setChosen((old) => ({ ...old, [item]: { value } })),
    trial: trial.data ?? null,
    current: settled.card === card && !trial.isFetching && trial.isSuccess,
    error: trial.error,
    save,
    publish,
    discard: () => setCard(saved.card),
  }
}
