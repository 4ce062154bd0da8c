/** Where nobody is signed in and a call still goes on: who it is, and the way to end it. */
import { Button } from '@mantine/core'
import { useSyncExternalStore } from 'react'
import { useI18n } from '@/i18n'
import { keptPhone, watchKept } from './keeper'
import classes from './softphone.module.css'
import type { PhoneState } from './state'
import { who } from './words'

const never = () => () => {}
const nothing = () => null

export function StillTalking() {
  const { t } = useI18n()
  const phone = useSyncExternalStore(watchKept, keptPhone)
  const state = useSyncExternalStore<PhoneState | null>(
    phone ? phone.subscribe : never,
    phone ? phone.snapshot : nothing,
  )
  if (!phone || !state?.call) return null
  return (
    <div className={classes['still']} role="status" data-testid="phone-still">
      <span>{t('phone.still', { who: who(state.call) })}</span>
      <Button size="sm" color="red" onClick={() => phone.hangUp()} data-testid="phone-still-hangup">
        {t('phone.hangup')}
      </Button>
    </div>
  )
}
