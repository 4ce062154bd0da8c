import { Tooltip } from '@mantine/core'
import { useI18n } from '@/i18n'
import { grade, type Sample } from './mos'
import classes from './softphone.module.css'

const BARS = { poor: 1, fair: 2, good: 3 } as const

/** Quiet while all is well; the word says what the bars say. */
export function QualityMeter({ sample }: { sample: Sample }) {
  const { t } = useI18n()
  const word = grade(sample.mos)
  const detail = t('phone.quality.detail', {
    mos: sample.mos.toFixed(1),
    jitter: sample.jitterMs.toFixed(0),
    loss: sample.lossPercent.toFixed(1),
    rtt: sample.rttMs === null ? '–' : sample.rttMs.toFixed(0),
    codec: sample.codec,
  })
  return (
    <Tooltip label={detail}>
      <span className={classes['quality']} data-grade={word} data-testid="phone-quality">
        <span className={classes['bars']} aria-hidden="true">
          {[1, 2, 3].map((bar) => (
            <i key={bar} data-on={bar <= BARS[word] || undefined} />
          ))}
        </span>
        {t('phone.quality')}: {t(`phone.quality.${word}`)}
      </span>
    </Tooltip>
  )
}
