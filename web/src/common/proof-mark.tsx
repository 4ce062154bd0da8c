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

/** How far a figure is proven by the switch's own ledger. */
export const ProofMark = memo(function ProofMark({ proof }: { proof: Proof }) {
  const { t, language } = useI18n()
  const { gap_since: gap, verified_until: until } = proof
  const state = gap !== null ? 'gap' : !proof.ledger ? 'none' : until !== null ? 'verified' : 'pending'
  const text =
    gap !== null
      ? t('proof.gap', { time: moment(gap, language) })
      : state === 'verified' && until !== null
        ? t('proof.verified', { time: moment(until, language) })
        : t(state === 'none' ? 'proof.none' : 'proof.pending')
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
      <span className="cut num">{text}</span>
    </span>
  )
})
