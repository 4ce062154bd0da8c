/** A call on the softphone: who, what can be done with it, and the one that waits beside it. */
import { Button } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { api } from '@/api/client'
import {
  IconArrowForwardUp,
  IconArrowsExchange,
  IconDialpad,
  IconMicrophone,
  IconMicrophoneOff,
  IconPlayerPause,
  IconPlayerPlay,
  IconUsers,
} from '@/common/icons'
import { useNotice } from '@/common/notice'
import { phoneNumber } from '@/format'
import { type TextKey, useI18n } from '@/i18n'
import type { Buttons } from './buttons'
import { CallButtons } from './call-buttons'
import { Directory } from './directory'
import { Keypad } from './keypad'
import { usePane } from './provider'
import { QualityMeter } from './quality-meter'
import { RecordingButton } from './recording'
import classes from './softphone.module.css'
import { leadsOutside, type PhoneCall, type PhoneState } from './state'
import { TalkTime } from './talk-time'
import { statusKey, who } from './words'

interface Props {
  phone: Buttons
  state: PhoneState
  call: PhoneCall
}

export function Ongoing({ phone, state, call }: Props) {
  const { t } = useI18n()
  const { other, conference } = state
  const ringing = call.phase === 'ringing'
  const talking = call.phase === 'talking'
  const end: TextKey = conference ? 'phone.hangup.all' : other ? 'phone.back.to' : 'phone.hangup'
  return (
    <div data-testid="phone-call" data-phase={call.phase} data-conference={conference || undefined}>
      <div className={classes['peer']}>
        <span className={classes['status']} data-phase={call.phase} data-testid="phone-status">
          {t(statusKey(call, conference))}
        </span>
        {talking && call.answeredAt ? <TalkTime since={call.answeredAt} /> : null}
        <strong className="cut" title={who(call)}>
          {who(call)}
        </strong>
        {call.name ? <span className="faint num">{phoneNumber(call.number)}</span> : null}
      </div>
      <CallButtons phone={phone} ringing={ringing} answering={call.answering} end={end} />
      {talking ? <Tools phone={phone} call={call} two={other !== null} conference={conference} /> : null}
      {talking ? <RecordingButton /> : null}
      {other ? <Other phone={phone} state={state} other={other} talking={talking} /> : null}
      {talking ? (
        <div className={classes['sound']}>{state.sample ? <QualityMeter sample={state.sample} /> : null}</div>
      ) : null}
    </div>
  )
}

function Tools({
  phone,
  call,
  two,
  conference,
}: {
  phone: Buttons
  call: PhoneCall
  two: boolean
  conference: boolean
}) {
  const { t } = useI18n()
  const [pane, open] = usePane()
  const shown = pane === 'transfer' && two ? null : pane
  const toggle = (what: 'keypad' | 'transfer') => open(shown === what ? null : what)
  const { transfer, consult } = usePassingOn(phone)
  const tools = useRef<HTMLDivElement>(null)
  const before = useRef(shown)
  useEffect(() => {
    const closed = before.current
    before.current = shown
    if (!closed || shown || document.activeElement !== document.body) return
    tools.current?.querySelector<HTMLElement>(`[data-testid=phone-${closed}]`)?.focus() // where it was opened
  }, [shown])
  return (
    <>
      <div className={classes['tools']} ref={tools}>
        {phone.sounds ? (
          <Tool
            id="mute"
            on={call.muted}
            label={call.muted ? 'phone.unmute' : 'phone.mute'}
            icon={call.muted ? <IconMicrophoneOff size={18} /> : <IconMicrophone size={18} />}
            act={() => phone.mute(!call.muted)}
          />
        ) : null}
        <Tool
          id="hold"
          on={call.held}
          disabled={conference || (two && !phone.sounds)}
          label={call.held ? 'phone.resume' : 'phone.hold'}
          icon={call.held ? <IconPlayerPlay size={18} /> : <IconPlayerPause size={18} />}
          act={() => void phone.hold(!call.held)}
        />
        <Tool
          id="keypad"
          on={shown === 'keypad'}
          label="phone.keypad"
          icon={<IconDialpad size={18} />}
          act={() => toggle('keypad')}
        />
        <Tool
          id="transfer"
          on={shown === 'transfer'}
          disabled={two}
          label="phone.transfer"
          icon={<IconArrowForwardUp size={18} />}
          act={() => toggle('transfer')}
        />
      </div>
      {shown === 'keypad' ? <Keypad press={(key) => phone.tone(key)} /> : null}
      {shown === 'transfer' ? (
        <Directory
          id="phone-transfer"
          label={t('phone.transfer.to')}
          focused
          actions={[
            {
              id: 'transfer',
              label: t('phone.transfer.go'),
              hint: t('phone.transfer.hint'),
              act: (number) => {
                void transfer(number)
                open(null)
              },
            },
            {
              id: 'consult',
              label: t('phone.consult'),
              hint: t('phone.consult.hint'),
              act: (number) => {
                void consult(number)
                open(null)
              },
            },
          ]}
        />
      ) : null}
    </>
  )
}

/** Out of the house by the server, which has the number policy; inside by the phone itself. */
function usePassingOn(phone: Buttons) {
  const { t } = useI18n()
  const { attempt, say } = useNotice()
  return {
    transfer: async (number: string) => {
      if (phone.sounds && leadsOutside(number)) await attempt(() => api.transfer(number))
      else phone.transfer(number)
    },
    consult: async (number: string) => {
      if (phone.sounds && leadsOutside(number)) say(t('phone.outside.consult'), true)
      else await phone.consult(number)
    },
  }
}

/** The second call, and what can be made of the two. */
function Other({
  phone,
  state,
  other,
  talking,
}: {
  phone: Buttons
  state: PhoneState
  other: PhoneCall
  talking: boolean
}) {
  const { t } = useI18n()
  return (
    <div className={classes['other']} data-testid="phone-other">
      <span className={classes['person']}>
        <strong className="cut" title={who(other)}>
          {who(other)}
        </strong>
        <span className="faint">
          {t(state.conference ? 'phone.third' : other.held ? 'phone.waits' : statusKey(other))}
        </span>
      </span>
      <div className={classes['two']}>
        {phone.sounds ? (
          <Button
            variant="light"
            disabled={!talking || state.conference}
            leftSection={<IconArrowsExchange size={15} />}
            onClick={() => void phone.swap()}
            data-testid="phone-swap"
          >
            {t('phone.swap')}
          </Button>
        ) : null}
        <Button
          variant="light"
          disabled={!talking || state.conference}
          leftSection={<IconUsers size={15} />}
          onClick={() => void phone.join()}
          data-testid="phone-join"
        >
          {t('phone.join')}
        </Button>
        <Button
          disabled={!talking || (state.conference && !phone.sounds)}
          leftSection={<IconArrowForwardUp size={15} />}
          onClick={() => phone.complete()}
          data-testid="phone-complete"
        >
          {t('phone.complete')}
        </Button>
      </div>
    </div>
  )
}

interface ToolProps {
  id: string
  on: boolean
  disabled?: boolean
  label: TextKey
  icon: React.ReactNode
  act: () => void
}

function Tool({ id, on, disabled = false, label, icon, act }: ToolProps) {
  const { t } = useI18n()
  return (
    <button
      type="button"
      className={classes['tool']}
      aria-pressed={on}
      disabled={disabled}
      onClick={act}
      data-testid={`phone-${id}`}
    >
      {icon}
      <span className="cut">{t(label)}</span>
    </button>
  )
}
