import { useCallback, useRef } from 'react'
import { useNotice } from '@/common/notice'
import { useI18n } from '@/i18n'
import { dial } from './dial'
import { useSoftphone } from './provider'
import { registrationText } from './words'

/** Calls a number, once for a double click, and says why when no call comes of it. */
export function useDial(): (number: string) => Promise<void> {
  const { t } = useI18n()
  const { attempt, say } = useNotice()
  const phone = useSoftphone()
  const busy = useRef(false)
  return useCallback(
    async (number: string) => {
      if (busy.current) return
      busy.current = true
      await attempt(async () => {
        const taken = await dial(number, phone)
        if (taken === 'server') say(t('dial.asked'))
        if (taken === 'busy') say(t('dial.busy'), true)
        if (taken === 'away' && phone) say(registrationText(phone.snapshot(), t), true)
      })
      busy.current = false
    },
    [phone, attempt, say, t],
  )
}
