import { useRef } from 'react'
import { IconPhone } from '@/common/icons'
import { useNotice } from '@/common/notice'
import { phoneNumber } from '@/format'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import { dial } from './dial'
import { useSoftphone } from './provider'
import classes from './softphone.module.css'

/** A number that can be called with a click, by those who take calls; for everybody else it is text. */
export function DialNumber({ number }: { number: string }) {
  const { t } = useI18n()
  const { may } = useSession()
  const phone = useSoftphone()
  const { attempt, say } = useNotice()
  const busy = useRef(false)
  const text = phoneNumber(number)
  if (!may('use_desk')) return <>{text}</>
  const call = async () => {
    if (busy.current) return
    busy.current = true
    await attempt(async () => {
      if ((await dial(number, phone)) === 'server') say(t('dial.asked'))
    })
    busy.current = false
  }
  return (
    <button
      type="button"
      className={classes['number']}
      onClick={() => void call()}
      title={t('dial.to', { number: text })}
      aria-label={t('dial.to', { number: text })}
      data-testid="dial-number"
    >
      {text}
      <IconPhone size={14} aria-hidden="true" />
    </button>
  )
}
