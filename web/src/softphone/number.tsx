import { IconPhone } from '@/common/icons'
import { phoneNumber } from '@/format'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import classes from './softphone.module.css'
import { useDial } from './use-dial'

/** A number that can be called with a click, by those who take calls; for everybody else it is text. */
export function DialNumber({ number }: { number: string }) {
  const { t } = useI18n()
  const { may } = useSession()
  const dial = useDial()
  const text = phoneNumber(number)
  if (!may('use_desk')) return <>{text}</>
  return (
    <button
      type="button"
      className={classes['number']}
      onClick={() => void dial(number)}
      title={t('dial.to', { number: text })}
      aria-label={t('dial.to', { number: text })}
      data-testid="dial-number"
    >
      {text}
      <IconPhone size={14} aria-hidden="true" />
    </button>
  )
}
