import type { I18n } from '@/i18n'
import type { PhoneState } from './phone'

export function registrationText(state: PhoneState, t: I18n['t']): string {
  switch (state.registration) {
    case 'registered':
      return t('phone.registered')
    case 'failed':
      return t('phone.failed', { why: state.why || '–' })
    case 'lost':
      return t('phone.lost')
    default:
      return t('phone.connecting')
  }
}
