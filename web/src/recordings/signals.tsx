/** What the server heard in a recording, as figures. What cannot be known says so, and is never a nought. */
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { api } from '@/api/client'
import type { Signals } from '@/api/types'
import { Facts, Panel } from '@/common/panel'
import { ErrorNote, LoadingNote } from '@/common/states'
import { WordBadge } from '@/common/word-badge'
import { percent, span } from '@/format'
import { type I18n, useI18n } from '@/i18n'
import classes from './recording.module.css'

export function SignalsPanel({ recording }: { recording: string }) {
  const i18n = useI18n()
  const { t } = i18n
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['signals', recording],
    queryFn: () => api.signals(recording),
    staleTime: 60_000,
  })
  const signals = data?.signals
  return (
    <Panel title={t('signals.title')} note={t('signals.note')} testId="recording-signals">
      {isPending ? <LoadingNote /> : null}
      {error && !data ? <ErrorNote error={error} retry={() => void refetch()} /> : null}
      {data && !signals ? <span className="faint">{t('signals.pending')}</span> : null}
      {signals ? (
        <>
          {signals.faults.length > 0 ? (
            <p className={classes['faults']} data-testid="signal-faults">
              {t('signals.fault')}
              {signals.faults.map((fault) => (
                <WordBadge key={fault} tone="bad">
                  {t(`fault.${fault}`)}
                </WordBadge>
              ))}
            </p>
          ) : null}
          <Facts items={figures(signals, i18n)} />
          {signals.talk_over === null ? (
            <p className={`${classes['none']} faint`}>{t('signals.mono')}</p>
          ) : null}
        </>
      ) : null}
    </Panel>
  )
}

function figures(signals: Signals, { t }: I18n): [string, ReactNode][] {
  const unknown = <span className="faint">{t('signals.unknown')}</span>
  const times = (some: Signals['silence'] | null): ReactNode => {
    if (some === null) return unknown
    if (some.times === 0) return t('signals.none')
    return t('signals.times', { n: some.times, longest: span(some.longest) })
  }
  const seconds = (value: number | null): ReactNode => (value === null ? unknown : span(value))
  const level = (value: number | null): string =>
    value === null ? t('signals.unknown') : `${value.toFixed(0)} dB`
  const both = (agent: number | string | null, customer: number | string | null): ReactNode =>
    agent === null || customer === null ? (
      unknown
    ) : (
      <>
        <span className="num">{t('signals.agent', { value: agent })}</span> ·{' '}
        <span className="num">{t('signals.customer', { value: customer })}</span>
      </>
    )
  return [
    [t('signals.silence'), signals.silence_share === null ? unknown : percent(signals.silence_share, 0)],
    [t('signals.dead_air'), times(signals.dead_air)],
    [t('signals.talk_over'), times(signals.talk_over)],
    [t('signals.interruptions'), both(signals.agent_interruptions, signals.customer_interruptions)],
    [
      t('signals.talk_share'),
      signals.agent_talk_share === null ? unknown : percent(signals.agent_talk_share, 0),
    ],
    [
      t('signals.monologue'),
      signals.agent_monologue_seconds === null
        ? unknown
        : both(span(signals.agent_monologue_seconds), span(signals.customer_monologue_seconds)),
    ],
    [t('signals.turns'), signals.turns_a_minute === null ? unknown : signals.turns_a_minute.toFixed(1)],
    [t('signals.first_response'), seconds(signals.first_response_seconds)],
    [t('signals.hold'), times(signals.hold)],
    [
      t('signals.end'),
      <>
        {seconds(signals.quiet_end_seconds)} {signals.abrupt_end ? `· ${t('signals.abrupt')}` : null}
      </>,
    ],
    [
      t('signals.level'),
      signals.agent_level === null && signals.customer_level === null
        ? unknown
        : both(level(signals.agent_level), level(signals.customer_level)),
    ],
  ]
}
