/** What who leads quality does with a scored review: coach from a failed question, or call a calibration on the call. */
import { Button, Modal, MultiSelect, NumberInput, Select, Textarea } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { ReviewDetail, Scorecard, ScorecardItem } from '@/api/types'
import { useNotice } from '@/common/notice'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import { itemsOf } from './answers'
import { judging } from './api'
import classes from './judging.module.css'

const GOOD_STEP = 3
const CLIP_SECONDS = 15
const DAY = 86_400

/** Questions that were answered, and not well enough. */
export function failed(review: ReviewDetail, card: Scorecard): ScorecardItem[] {
  return itemsOf(card).filter((item) => {
    const value = review.answers[item.id]?.value
    return value === 'no' || (typeof value === 'number' && value < GOOD_STEP)
  })
}

export function LeadActions({ review, card }: { review: ReviewDetail; card: Scorecard }) {
  const { t } = useI18n()
  const { may } = useSession()
  const [open, setOpen] = useState<'coach' | 'calibrate' | null>(null)
  if (!may('lead_quality') || review.state !== 'scored' || review.breakdown === null) return null
  const items = review.purpose === 'score' && review.agent !== null ? failed(review, card) : []
  return (
    <div className={`${classes['actions']} ${classes['lead']}`}>
      {items.length > 0 ? (
        <Button size="sm" variant="default" onClick={() => setOpen('coach')} data-testid="coach-open">
          {t('coach.ask')}
        </Button>
      ) : null}
      <Button size="sm" variant="default" onClick={() => setOpen('calibrate')} data-testid="calibrate-open">
        {t('cal.call')}
      </Button>
      <Modal
        opened={open === 'coach'}
        onClose={() => setOpen(null)}
        title={t('coach.ask.title')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        <CoachForm review={review} items={items} done={() => setOpen(null)} />
      </Modal>
      <Modal
        opened={open === 'calibrate'}
        onClose={() => setOpen(null)}
        title={t('cal.call')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        <CalibrateForm review={review} done={() => setOpen(null)} />
      </Modal>
    </div>
  )
}

type Second = number | string // as a field for numbers has it; empty: none

interface Heard {
  behaviour: string
  begin: Second
  end: Second
}

interface CoachFormProps {
  review: ReviewDetail
  items: ScorecardItem[]
  done: () => void
}

/** What the reviewer wrote of this question, and the seconds from the moment he marked. */
function heardOf(review: ReviewDetail, item: string): Heard {
  const answer = review.answers[item]
  const at = answer?.at_seconds
  const behaviour = answer?.comment ?? ''
  if (at == null) return { behaviour, begin: '', end: '' }
  const begin = Math.floor(at)
  return { behaviour, begin, end: Math.min(Math.floor(review.duration_seconds), begin + CLIP_SECONDS) }
}

function CoachForm({ review, items, done }: CoachFormProps) {
  const { t, words } = useI18n()
  const { attempt, say } = useNotice()
  const client = useQueryClient()
  const [item, setItem] = useState(items[0]?.id ?? '')
  const [{ behaviour, begin, end }, setHeard] = useState(() => heardOf(review, item))
  const [target, setTarget] = useState('')
  const last = Math.floor(review.duration_seconds)
  const [days, setDays] = useState<number | string>(14)
  const change = (part: Partial<Heard>) => setHeard((old) => ({ ...old, ...part }))
  const clip = typeof begin === 'number' && typeof end === 'number' && end > begin ? { begin, end } : null
  const ready = item && behaviour.trim().length >= 3 && target.trim().length >= 3 && Number(days) > 0
  const send = async () => {
    const body = { item, behaviour, target, clip, recheck_at: Date.now() / 1000 + Number(days) * DAY }
    if (!(await attempt(() => judging.coach(review.id, body)))) return
    say(t('coach.sent'))
    void client.invalidateQueries({ queryKey: ['coaching'] })
    done()
  }
  return (
    <div className={classes['form']}>
      <Select
        size="sm"
        label={t('cal.question')}
        data={items.map((one) => ({ value: one.id, label: words(one.text) }))}
        value={item}
        allowDeselect={false}
        onChange={(value) => {
          setItem(value ?? '')
          setHeard(heardOf(review, value ?? ''))
        }}
        data-testid="coach-item"
      />
      <Textarea
        label={t('coach.behaviour')}
        autosize
        minRows={2}
        maxLength={2000}
        value={behaviour}
        onChange={(event) => change({ behaviour: event.currentTarget.value })}
        data-testid="coach-behaviour"
      />
      <Textarea
        label={t('coach.target')}
        autosize
        minRows={2}
        maxLength={2000}
        value={target}
        onChange={(event) => setTarget(event.currentTarget.value)}
        data-testid="coach-target"
      />
      <div className={classes['sides']}>
        <NumberInput
          label={`${t('coach.clip')}: ${t('coach.clip.from')}`}
          min={0}
          max={last}
          value={begin}
          onChange={(value) => change({ begin: value })}
          data-testid="coach-begin"
        />
        <NumberInput
          label={t('coach.clip.to')}
          min={0}
          max={last}
          value={end}
          onChange={(value) => change({ end: value })}
          data-testid="coach-end"
        />
      </div>
      <NumberInput label={t('coach.days')} min={1} max={180} value={days} onChange={setDays} />
      <div className={classes['actions']}>
        <Button disabled={!ready} onClick={() => void send()} data-testid="coach-send">
          {t('coach.ask')}
        </Button>
      </div>
    </div>
  )
}

const FEWEST = 2

function CalibrateForm({ review, done }: { review: ReviewDetail; done: () => void }) {
  const { t } = useI18n()
  const { attempt, say } = useNotice()
  const client = useQueryClient()
  const { data } = useQuery({ queryKey: ['reviewers', 'all'], queryFn: () => judging.reviewers(0) })
  const [who, setWho] = useState<string[]>([])
  const [reference, setReference] = useState<string | null>(null)
  const send = async () => {
    const body = { review: review.id, participants: who, reference, note: '' }
    if (!(await attempt(() => judging.call(body)))) return
    say(t('cal.called'))
    void client.invalidateQueries({ queryKey: ['calibrations'] })
    done()
  }
  return (
    <div className={classes['form']}>
      <MultiSelect
        label={t('cal.call.who')}
        data={data?.may_take ?? []}
        value={who}
        searchable
        onChange={(value) => {
          setWho(value)
          if (reference && !value.includes(reference)) setReference(null)
        }}
        data-testid="calibrate-who"
      />
      <Select
        size="sm"
        label={t('cal.call.reference')}
        placeholder={t('cal.call.none')}
        clearable
        data={who}
        value={reference}
        onChange={setReference}
        data-testid="calibrate-reference"
      />
      <div className={classes['actions']}>
        <Button disabled={who.length < FEWEST} onClick={() => void send()} data-testid="calibrate-send">
          {t('cal.call')}
        </Button>
      </div>
    </div>
  )
}
