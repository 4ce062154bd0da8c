import { Tooltip } from '@mantine/core'
import { Link } from 'react-router'
import { IconPhone, IconPhoneIncoming, IconPhoneX } from '@/common/icons'
import { useI18n } from '@/i18n'
import { usePhoneState } from './provider'
import classes from './softphone.module.css'
import { registrationText, statusKey } from './words'

/** The phone at a glance, on every page. */
export function PhoneMark() {
  const i18n = useI18n()
  const state = usePhoneState()
  if (!state) return null
  const ringing = state.call?.phase === 'ringing'
  const Icon = ringing ? IconPhoneIncoming : state.registration === 'registered' ? IconPhone : IconPhoneX
  const text = state.call ? i18n.t(statusKey(state.call, state.conference)) : registrationText(state, i18n.t)
  return (
    <Tooltip label={text}>
      <Link
        to="/desk"
        className={classes['mark'] ?? ''}
        data-registration={state.registration}
        data-ringing={ringing || undefined}
        data-testid="phone-mark"
        aria-label={`${i18n.t('phone.title')}: ${text}`}
      >
        <Icon size={17} stroke={1.8} />
      </Link>
    </Tooltip>
  )
}
