/** Away from the desk: the call that goes on, and what is needed most with it. */
import { ActionIcon } from '@mantine/core'
import { useLocation } from 'react-router'
import {
  IconMicrophone,
  IconMicrophoneOff,
  IconPhoneOff,
  IconPlayerPause,
  IconPlayerPlay,
} from '@/common/icons'
import { useI18n } from '@/i18n'
import { useButtons, useButtonsState } from './provider'
import { RecordingButton } from './recording'
import classes from './softphone.module.css'
import { TalkTime } from './talk-time'
import { statusKey, who } from './words'

export function CallBar() {
  const { t } = useI18n()
  const { pathname } = useLocation()
  const phone = useButtons()
  const state = useButtonsState()
  const call = state?.call
  if (!phone || !state || !call || call.phase === 'ringing' || pathname === '/desk') return null
  const talking = call.phase === 'talking'
  const button = (id: string, label: string, icon: React.ReactNode, act: () => void, on = false) => (
    <ActionIcon
      size="lg"
      aria-label={label}
      title={label}
      aria-pressed={id === 'hangup' ? undefined : on}
      {...(id === 'hangup' ? { color: 'red' } : {})}
      variant={id === 'hangup' ? 'filled' : on ? 'light' : 'subtle'}
      onClick={act}
      data-testid={`call-bar-${id}`}
    >
      {icon}
    </ActionIcon>
  )
  return (
    <section className={classes['bar']} aria-label={t('phone.title')} data-testid="call-bar">
      <span className={classes['barWho']}>
        <strong className="cut" title={who(call)}>
          {who(call)}
        </strong>
        <span className="faint cut" data-testid="call-bar-status">
          {t(statusKey(call, state.conference))}
          {talking && call.answeredAt ? (
            <>
              {' · '}
              <TalkTime since={call.answeredAt} />
            </>
          ) : null}
        </span>
      </span>
      {talking && phone.sounds
        ? button(
            'mute',
            t(call.muted ? 'phone.unmute' : 'phone.mute'),
            call.muted ? <IconMicrophoneOff size={18} /> : <IconMicrophone size={18} />,
            () => phone.mute(!call.muted),
            call.muted,
          )
        : null}
      {talking && !state.conference
        ? button(
            'hold',
            t(call.held ? 'phone.resume' : 'phone.hold'),
            call.held ? <IconPlayerPlay size={18} /> : <IconPlayerPause size={18} />,
            () => void phone.hold(!call.held),
            call.held,
          )
        : null}
      {talking ? <RecordingButton small /> : null}
      {button('hangup', t('phone.hangup'), <IconPhoneOff size={18} />, () => phone.hangUp())}
    </section>
  )
}
