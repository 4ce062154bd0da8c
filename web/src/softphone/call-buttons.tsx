import { Button } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { IconPhone, IconPhoneOff } from '@/common/icons'
import { type TextKey, useI18n } from '@/i18n'
import type { Buttons } from './buttons'
import { usePhoneState, useSoftphone } from './provider'
import classes from './softphone.module.css'

const GREEN = '#1a7f47'
const RED = '#c0342b'

interface Props {
  phone: Buttons
  ringing: boolean
  answering: boolean
  /** What hanging up does besides, when there is a second call. */
  end?: TextKey
}

export function CallButtons({ phone, ringing, answering, end = 'phone.hangup' }: Props) {
  const { t } = useI18n()
  const place = useRef<HTMLDivElement>(null)
  const byKey = useRef(false)
  useEffect(() => {
    // Answer is gone: whoever pressed it by key goes on from Hang up, not from the top of the page.
    if (!ringing && byKey.current) place.current?.querySelector('button')?.focus()
    byKey.current = false
  }, [ringing])
  return (
    <div className={classes['main']} ref={place}>
      {ringing && !phone.sounds ? <span className={classes['lift']}>{t('phone.lift')}</span> : null}
      {ringing && phone.sounds ? (
        <Button
          size="md"
          color={GREEN}
          flex={1}
          leftSection={<IconPhone size={18} />}
          data-answering={answering || undefined}
          aria-disabled={answering}
          onClick={(event) => {
            byKey.current = event.detail === 0
            void phone.answer()
          }}
          data-testid="phone-answer"
        >
          {t(answering ? 'phone.answering' : 'phone.answer')}
        </Button>
      ) : null}
      <Button
        size="md"
        color={RED}
        variant={ringing ? 'outline' : 'filled'}
        flex={1}
        leftSection={<IconPhoneOff size={18} />}
        onClick={() => phone.hangUp()}
        data-testid={ringing ? 'phone-decline' : 'phone-hangup'}
      >
        {t(ringing ? 'phone.decline' : end)}
      </Button>
    </div>
  )
}

/** Away from the desk: a ringing softphone can be answered where the agent is. */
export function RingingButtons() {
  const phone = useSoftphone()
  const state = usePhoneState()
  if (!phone || state?.call?.phase !== 'ringing') return null
  return <CallButtons phone={phone} ringing answering={state.call.answering} />
}
