import { useQuery } from '@tanstack/react-query'
import { api } from '@/api/client'
import { AgentName } from '@/common/agent-name'
import { Panel } from '@/common/panel'
import { ErrorNote } from '@/common/states'
import { type Tone, WordBadge } from '@/common/word-badge'
import { useI18n } from '@/i18n'
import { grade } from '@/softphone/mos'
import classes from './detail.module.css'

const TONES: Record<ReturnType<typeof grade>, Tone> = { good: 'good', fair: 'warn', poor: 'bad' }

/** How the call sounded at each softphone that took part. */
export function CallSound({ call }: { call: string }) {
  const { t, word } = useI18n()
  const { data, error, refetch } = useQuery({
    queryKey: ['call-quality', call],
    queryFn: () => api.callQuality(call),
  })
  return (
    <Panel title={t('call.quality')} testId="call-quality">
      {error && !data ? <ErrorNote error={error} retry={() => void refetch()} /> : null}
      {data?.items.length === 0 ? <span className="faint">{t('call.quality.none')}</span> : null}
      <ol className={classes['legs']}>
        {data?.items.map((one) => (
          <li
            key={one.agent}
            className={classes['wraps']}
            data-testid="call-quality-line"
            data-agent={one.agent}
          >
            <strong className="cut">
              <AgentName agent={one.agent} />
            </strong>
            <WordBadge tone={TONES[grade(one.mos)]}>
              {`${t(`phone.quality.${grade(one.mos)}`)} · MOS ${one.mos.toFixed(1)}`}
            </WordBadge>
            <span className={`${classes['sound']} quiet num`}>
              {t('call.quality.line', {
                jitter: one.jitter_ms.toFixed(0),
                worst: one.jitter_worst_ms.toFixed(0),
                loss: one.loss_percent.toFixed(1),
                rtt: one.rtt_ms === null ? '–' : one.rtt_ms.toFixed(0),
              })}
              {` · ${one.codec} · ${word('device', one.device)}`}
            </span>
          </li>
        ))}
      </ol>
    </Panel>
  )
}
