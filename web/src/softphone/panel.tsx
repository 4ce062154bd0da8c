import { ActionIcon } from '@mantine/core'
import { useState } from 'react'
import { IconKeyboard, IconSettings, IconX } from '@/common/icons'
import { Panel } from '@/common/panel'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import { DeviceChoice } from './device-choice'
import { Directory } from './directory'
import { Ongoing } from './ongoing'
import type { Softphone } from './phone'
import { usePhoneState, useSoftphone } from './provider'
import { askForKeys } from './shortcuts'
import classes from './softphone.module.css'
import type { PhoneState } from './state'
import { NOTES, PROBLEMS, registrationText } from './words'

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
          <>
            <span
              className={`${classes['registration']} cut`}
              data-registration={state?.registration ?? 'off'}
              data-testid="phone-registration"
              title={state ? registrationText(state, t) : undefined}
            >
              {state ? registrationText(state, t) : t('phone.off')}
            </span>
            {phone ? <Settings phone={phone} /> : null}
          </>
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
  return (
    <div className={classes['body']}>
      {state.problem !== 'none' ? (
        <Said phone={phone} bad text={t(PROBLEMS[state.problem])} testId="phone-problem" />
      ) : null}
      {state.note !== 'none' ? <Said phone={phone} text={t(NOTES[state.note])} testId="phone-note" /> : null}
      {state.call ? (
        <Ongoing phone={phone} state={state} call={state.call} />
      ) : (
        <Directory
          id="phone-dial"
          label={t('phone.transfer.to')}
          disabled={state.registration !== 'registered'}
          actions={[{ id: 'call', label: t('phone.call'), act: (number) => void phone.call(number) }]}
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
