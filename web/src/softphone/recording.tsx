/** Stops the recording while card data is said, in both directions, and says so as long as it lasts. */
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { api } from '@/api/client'
import type { ToldCall } from '@/api/types'
import { IconCreditCard, IconPlayerRecord } from '@/common/icons'
import { useNotice } from '@/common/notice'
import { Ticking } from '@/common/ticking'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import { useLive } from '@/stream/live'
import classes from './recording.module.css'

const NONE: ToldCall[] = []

/** The call of this agent that is recorded, and how to pause it; null when none is. */
function useRecording(): { call: ToldCall; toggle: () => Promise<void>; busy: boolean } | null {
  const { user, may } = useSession()
  const { attempt } = useNotice()
  const [busy, setBusy] = useState(false)
  const told = useLive((state) => state.calls)
  // The stream tells changes; what stood before this page was opened is asked for.
  const { data } = useQuery({
    queryKey: ['own-calls'],
    queryFn: api.ownCalls,
    enabled: told === null && user.agent !== null && may('use_desk'),
    retry: false,
  })
  const items = told ?? data?.items ?? NONE
  const call = items.find((one) => one.recorded && (one.state === 'talking' || one.state === 'held'))
  if (!call) return null
  const toggle = async () => {
    setBusy(true)
    await attempt(() => (call.paused_since === null ? api.pauseRecording() : api.resumeRecording()))
    setBusy(false)
  }
  return { call, toggle, busy }
}

export function RecordingButton({ small = false }: { small?: boolean }) {
  const { t } = useI18n()
  const recording = useRecording()
  if (!recording) return null
  const { call, toggle, busy } = recording
  const since = call.paused_since ?? null
  return (
    <div className={classes['place']} data-small={small || undefined} data-testid="recording">
      <Button
        size={small ? 'compact-sm' : 'sm'}
        variant="default"
        {...(since === null ? {} : { style: { color: 'var(--bad)', borderColor: 'var(--bad)' } })}
        fullWidth={!small}
        loading={busy}
        leftSection={since === null ? <IconCreditCard size={16} /> : <IconPlayerRecord size={16} />}
        title={t(since === null ? 'recording.pause.hint' : 'recording.resume.hint')}
        onClick={() => void toggle()}
        data-testid={since === null ? 'recording-pause' : 'recording-resume'}
      >
        {t(since === null ? 'recording.pause' : 'recording.resume')}
      </Button>
      {since === null ? null : (
        <span className={classes['paused']} role="status" data-testid="recording-paused">
          <span>{t('recording.paused')}</span>
          <Ticking since={since} />
        </span>
      )}
    </div>
  )
}

/** A pause that ended by itself, or a file that was not silent: told to whoever it concerns, wherever he is. */
export function RecordingAlerts() {
  const { t } = useI18n()
  const { user } = useSession()
  const { say } = useNotice()
  const alert = useLive((state) => state.recordingAlert)
  const said = useRef(alert)
  useEffect(() => {
    if (!alert || alert === said.current) return
    said.current = alert
    const who = alert.agent ?? '–'
    if (alert.what === 'not_silent') say(t('recording.not_silent', { who }), true)
    else if (alert.agent === user.agent) say(t('recording.by_itself'), true)
    else say(t('recording.by_itself.of', { who }), true)
  }, [alert, say, t, user.agent])
  return null
}
