import { WordBadge } from '@/common/word-badge'
import { clock } from '@/format'
import { useI18n } from '@/i18n'
import { useNow } from '@/stream/now'

/** Down to the deadline, and past it. */
export function TimeLeft({ until }: { until: number }) {
  const { t } = useI18n()
  const left = until - useNow()
  if (left < 0) return <WordBadge tone="bad">{t('care.overdue', { time: clock(-left) })}</WordBadge>
  return (
    <span className="num" data-testid="care-left">
      {clock(left)}
    </span>
  )
}
