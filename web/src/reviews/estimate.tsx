/** A figure from a sample: never without its interval. */
import { useI18n } from '@/i18n'
import type { Estimate } from './api'
import classes from './judging.module.css'

export function Told({ of, points = false }: { of: Estimate | null; points?: boolean }) {
  const { t } = useI18n()
  if (!of) return <span className="faint">{t('cover.few')}</span>
  const shown = (value: number) => (points ? value.toFixed(1) : `${Math.round(value * 100)}%`)
  const low = points ? Math.max(0, of.low) : of.low
  const high = points ? Math.min(100, of.high) : of.high
  return (
    <span className={classes['interval']}>
      <b>{shown(of.value)}</b>
      <span className="faint">{t('sat.interval', { low: shown(low), high: shown(high) })}</span>
    </span>
  )
}
