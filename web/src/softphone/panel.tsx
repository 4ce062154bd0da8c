import { Button, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import {
  IconArrowForwardUp,
  IconDialpad,
  IconMicrophone,
  IconMicrophoneOff,
  IconPlayerPause,
  IconPlayerPlay,
} from '@/common/icons'
import { Panel } from '@/common/panel'
import { clock, phoneNumber } from '@/format'
import { type TextKey, useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import { useNow } from '@/stream/now'
import { CallButtons } from './call-buttons'
import { Keypad } from './keypad'
import type { PhoneCall, PhoneState, Softphone } from './phone'
import { usePhoneState, useSoftphone } from './provider'
import classes from './softphone.module.css'
import { registrationText } from './words'

export function SoftphonePanel() {
  const { t } = useI18n()
  const { phone: account } = useSession()
  const phone = useSoftphone()
  const state = usePhoneState()
  return (
    <Panel
      title={t('phone.title')}
      testId="softphone"
      right={
        account ? (
          <span
            className={`${classes['registration']} cut`}
            data-registration={state?.registration ?? 'off'}
            data-testid="phone-registration"
            title={state ? registrationText(state, t) : undefined}
          >
            {state ? registrationText(state, t) : t('phone.off')}
          </span>
        ) : null
      }
    >
      {!account ? (
        <span className="quiet">{t('phone.none')}</span>
      ) : phone && state ? (
        <Body phone={phone} state={state} />
      ) : null}
    </Panel>
  )
}

function Body({ phone, state }: { phone: Softphone; state: PhoneState }) {
  const { t } = useI18n()
  return (
    <div className={classes['body']}>
      {state.problem !== 'none' ? (
        <div className={classes['problem']} role="alert" data-testid="phone-problem">
          {t(state.problem === 'microphone' ? 'phone.nomic' : 'phone.transfer.failed')}
        </div>
      ) : null}
      {state.call ? (
        <Ongoing phone={phone} call={state.call} />
      ) : (
        <NumberForm
          id="phone-dial"
          label="phone.dial"
          button="phone.call"
          disabled={state.registration !== 'registered'}
          done={(number) => phone.call(number)}
        />
      )}
    </div>
  )
}

function Ongoing({ phone, call }: { phone: Softphone; call: PhoneCall }) {
  const { t } = useI18n()
  const [open, setOpen] = useState<'keypad' | 'transfer' | null>(null)
  const toggle = (what: 'keypad' | 'transfer') => setOpen(open === what ? null : what)
  const ringing = call.phase === 'ringing'
  const talking = call.phase === 'talking'
  const status: TextKey = ringing
    ? 'phone.incoming'
    : !talking
      ? 'phone.calling'
      : call.held
        ? 'phone.held'
        : 'phone.talking'
  return (
    <div data-testid="phone-call" data-phase={call.phase}>
      <div className={classes['peer']}>
        <span className={classes['status']} data-phase={call.phase} data-testid="phone-status">
          {t(status)}
        </span>
        {talking && call.answeredAt ? <TalkTime since={call.answeredAt} /> : null}
        <strong className="cut">{call.name || phoneNumber(call.number)}</strong>
        {call.name ? <span className="faint num">{phoneNumber(call.number)}</span> : null}
      </div>
      <CallButtons phone={phone} ringing={ringing} />
      {talking ? (
        <>
          <div className={classes['tools']}>
            <Tool
              id="mute"
              on={call.muted}
              label={call.muted ? 'phone.unmute' : 'phone.mute'}
              icon={call.muted ? <IconMicrophoneOff size={18} /> : <IconMicrophone size={18} />}
              act={() => phone.mute(!call.muted)}
            />
            <Tool
              id="hold"
              on={call.held}
              label={call.held ? 'phone.resume' : 'phone.hold'}
              icon={call.held ? <IconPlayerPlay size={18} /> : <IconPlayerPause size={18} />}
              act={() => phone.hold(!call.held)}
            />
            <Tool
              id="keypad"
              on={open === 'keypad'}
              label="phone.keypad"
              icon={<IconDialpad size={18} />}
              act={() => toggle('keypad')}
            />
            <Tool
              id="transfer"
              on={open === 'transfer'}
              label="phone.transfer"
              icon={<IconArrowForwardUp size={18} />}
              act={() => toggle('transfer')}
            />
          </div>
          {open === 'keypad' ? <Keypad press={(key) => phone.tone(key)} /> : null}
          {open === 'transfer' ? (
            <NumberForm
              id="phone-transfer"
              label="phone.transfer.to"
              button="phone.transfer.go"
              done={(number) => phone.transfer(number)}
            />
          ) : null}
        </>
      ) : null}
    </div>
  )
}

function TalkTime({ since }: { since: number }) {
  useNow()
  return <span className="num">{clock((Date.now() - since) / 1000)}</span>
}

interface ToolProps {
  id: string
  on: boolean
  label: TextKey
  icon: React.ReactNode
  act: () => void
}

function Tool({ id, on, label, icon, act }: ToolProps) {
  const { t } = useI18n()
  return (
    <button
      type="button"
      className={classes['tool']}
      aria-pressed={on}
      onClick={act}
      data-testid={`phone-${id}`}
    >
      {icon}
      <span className="cut">{t(label)}</span>
    </button>
  )
}

interface NumberFormProps {
  id: string
  label: TextKey
  button: TextKey
  disabled?: boolean
  done: (number: string) => void
}

function NumberForm({ id, label, button, disabled = false, done }: NumberFormProps) {
  const { t } = useI18n()
  const [number, setNumber] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const dialled = number.replace(/[^\d+*#A-Za-z._-]/g, '')
    if (dialled) done(dialled)
  }
  return (
    <form className={classes['form']} onSubmit={submit}>
      <TextInput
        size="sm"
        flex={1}
        inputMode="tel"
        aria-label={t(label)}
        placeholder={t(label)}
        value={number}
        onChange={(event) => setNumber(event.currentTarget.value)}
        data-testid={`${id}-number`}
      />
      <Button
        size="sm"
        type="submit"
        variant="light"
        disabled={disabled || !number.trim()}
        data-testid={`${id}-go`}
      >
        {t(button)}
      </Button>
    </form>
  )
}
