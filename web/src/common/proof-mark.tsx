import { memo } from 'react'
import type { Proof } from '@/api/types'
import { IconAlertTriangle, IconCircleCheck } from '@/common/icons'
import { dayAndTime, timeOfDay, toDate } from '@/format'
import { useI18n } from '@/i18n'
import classes from './proof-mark.module.css'

/** Today as a time of day, another day with its date. */
function moment(at: number, language: 'zh' | 'en'): string {
  const date = toDate(at)
  return date && date.toDateString() === new Date().toDateString()
    ? timeOfDay(at, false)
    : dayAndTime(at, language)
}

interface MarkProps {
  proof: Proof
  /** In a tile: fewer words, the rest when pointed at. */
  short?: boolean
}

/** How far a figure is proven by the switch's own ledger. */
export const ProofMark = memo(function ProofMark({ proof, short = false }: MarkProps) {
  const { t, language } = useI18n()
  const { gap_since: gap, verified_until: until } = proof
  const state = gap !== null ? 'gap' : !proof.ledger ? 'none' : until !== null ? 'verified' : 'pending'
  const time = moment(gap ?? until ?? 0, language)
  const text = t(`proof.${state}`, { time })
  const brief =
    short && (state === 'gap' || state === 'verified') ? t(`proof.${state}.short`, { time }) : text
  return (
    <span
      className={classes['mark']}
      data-testid="proof-mark"
      data-state={state}
      title={`${text} · ${t(`proof.${state}.hint`)}`}
    >
      {state === 'gap' ? (
        <IconAlertTriangle size={12} aria-hidden="true" />
      ) : state === 'verified' ? (
        <IconCircleCheck size={12} aria-hidden="true" />
      ) : null}
      <span className="num">{brief}</span>
    </span>
  )
})
