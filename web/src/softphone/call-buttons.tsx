import { Button } from '@mantine/core'
import { IconPhone, IconPhoneOff } from '@/common/icons'
import { type TextKey, useI18n } from '@/i18n'
import type { Softphone } from './phone'
import { usePhoneState, useSoftphone } from './provider'
import classes from './softphone.module.css'

const GREEN = '#1a7f47'
const RED = '#c0342b'

interface Props {
  phone: Softphone
  ringing: boolean
  /** What hanging up does besides, when there is a second call. */
  end?: TextKey
}

export function CallButtons({ phone, ringing, end = 'phone.hangup' }: Props) {
  const { t } = useI18n()
  return (
    <div className={classes['main']}>
      {ringing ? (
        <Button
          size="md"
          color={GREEN}
          flex={1}
          leftSection={<IconPhone size={18} />}
          onClick={() => void phone.answer()}
          data-testid="phone-answer"
        >
          {t('phone.answer')}
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
  return <CallButtons phone={phone} ringing />
}
