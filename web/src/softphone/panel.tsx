import { ActionIcon, Button } from '@mantine/core'
import { type ComponentProps, useEffect, useState } from 'react'
import { IconKeyboard, IconSettings, IconX } from '@/common/icons'
import { useNotice } from '@/common/notice'
import { Panel } from '@/common/panel'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import { DeviceChoice } from './device-choice'
import { Directory } from './directory'
import { Ongoing } from './ongoing'
import type { Softphone } from './phone'
import { useButtons, useButtonsState, useOwn, usePhoneState } from './provider'
import { askForKeys } from './shortcuts'
import classes from './softphone.module.css'
import type { PhoneState } from './state'
import { useDial } from './use-dial'
import { NOTES, PROBLEMS, registrationText } from './words'

const AT_REST_AFTER_MS = 500

export function SoftphonePanel() {
  const { t } = useI18n()
  const { phone: account } = useSession()
  const { phone, trouble, elsewhere } = useOwn()
  const state = usePhoneState()
  const registration = trouble ? 'failed' : (state?.registration ?? 'off')
  const text = trouble
    ? t('phone.failed', { why: trouble })
    : state
      ? registrationText(state, t)
      : t(elsewhere ? 'phone.elsewhere.short' : 'phone.off')
  return (
    <Panel
      title={t('phone.title')}
      testId="softphone"
      right={
        account ? (
          <>
            <span
              className={`${classes['registration']} cut`}
              data-registration={registration}
              data-testid="phone-registration"
              title={text}
            >
              {text}
            </span>
            {phone ? <Settings phone={phone} /> : null}
          </>
        ) : null
      }
    >
      {!account ? (
        <DeskPhoneBody />
      ) : phone && state ? (
        <Body phone={phone} state={state} />
      ) : elsewhere ? (
        <Elsewhere />
      ) : null}
    </Panel>
  )
}

/** The same buttons for the phone on the desk. */
function DeskPhoneBody() {
  const { t } = useI18n()
  const phone = useButtons()
  const state = useButtonsState()
  const dial = useDial()
  if (phone && state?.call) return <Ongoing phone={phone} state={state} call={state.call} />
  return (
    <div className={classes['body']}>
      <span className="quiet">{t('phone.none')}</span>
      {phone ? (
        <IdleDirectory
          id="phone-dial"
          label={t('phone.transfer.to')}
          actions={[{ id: 'call', label: t('phone.call'), act: (number) => void dial(number) }]}
        />
      ) : null}
    </div>
  )
}

/** Between two calls that follow at once there is no time to read it, and drawing it would keep the next card waiting. */
function IdleDirectory(props: ComponentProps<typeof Directory>) {
  const [idle, setIdle] = useState(false)
  useEffect(() => {
    const waiting = setTimeout(() => setIdle(true), AT_REST_AFTER_MS)
    return () => clearTimeout(waiting)
  }, [])
  return idle ? <Directory {...props} /> : null
}

/** Another tab of this browser has the phone. */
function Elsewhere() {
  const { t } = useI18n()
  const { take } = useOwn()
  const { say } = useNotice()
  const [busy, setBusy] = useState(false)
  const takeHere = async () => {
    setBusy(true)
    if (!(await take())) say(t('phone.elsewhere.busy'), true)
    setBusy(false)
  }
  return (
    <div className={classes['body']} data-testid="phone-elsewhere">
      <span className="quiet">{t('phone.elsewhere')}</span>
      <Button
        size="sm"
        variant="light"
        loading={busy}
        onClick={() => void takeHere()}
        data-testid="phone-take-here"
      >
        {t('phone.elsewhere.take')}
      </Button>
    </div>
  )
}

function Settings({ phone }: { phone: Softphone }) {
  const { t } = useI18n()
  const [open, setOpen] = useState(false)
  return (
    <>
      <ActionIcon
        aria-label={t('keys.title')}
        title={`${t('keys.title')} (?)`}
        onClick={askForKeys}
        data-testid="keys-open"
      >
        <IconKeyboard size={17} stroke={1.8} />
      </ActionIcon>
      <ActionIcon
        aria-label={t('phone.devices')}
        title={t('phone.devices')}
        onClick={() => setOpen(true)}
        data-testid="devices-open"
      >
        <IconSettings size={17} stroke={1.8} />
      </ActionIcon>
      {open ? <DeviceChoice phone={phone} close={() => setOpen(false)} /> : null}
    </>
  )
}

function Body({ phone, state }: { phone: Softphone; state: PhoneState }) {
  const { t } = useI18n()
  const dial = useDial()
  return (
    <div className={classes['body']}>
      {state.silent ? (
        <div className={classes['said']} role="alert" data-bad data-testid="phone-silent">
          <span>{t('phone.silent')}</span>
          <Button size="compact-xs" variant="light" onClick={phone.play} data-testid="phone-hear">
            {t('phone.silent.hear')}
          </Button>
        </div>
      ) : null}
      {state.problem !== 'none' ? (
        <Said phone={phone} bad text={t(PROBLEMS[state.problem])} testId="phone-problem" />
      ) : null}
      {state.note !== 'none' ? <Said phone={phone} text={t(NOTES[state.note])} testId="phone-note" /> : null}
      {state.call ? (
        <Ongoing phone={phone} state={state} call={state.call} />
      ) : (
        <IdleDirectory
          id="phone-dial"
          label={t('phone.transfer.to')}
          disabled={state.registration !== 'registered'}
          actions={[{ id: 'call', label: t('phone.call'), act: (number) => void dial(number) }]}
        />
      )}
    </div>
  )
}

function Said({
  phone,
  text,
  testId,
  bad = false,
}: {
  phone: Softphone
  text: string
  testId: string
  bad?: boolean
}) {
  const { t } = useI18n()
  return (
    <div
      className={classes['said']}
      data-bad={bad || undefined}
      role={bad ? 'alert' : 'status'}
      data-testid={testId}
    >
      <span>{text}</span>
      <ActionIcon size="sm" aria-label={t('phone.dismiss')} onClick={() => phone.dismiss()}>
        <IconX size={14} />
      </ActionIcon>
    </div>
  )
}
