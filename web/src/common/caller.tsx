import { phoneNumber } from '@/format'
import { useI18n } from '@/i18n'
import classes from './caller.module.css'

/** Name over number; a long name gives way, the number never does. */
export function Caller({
  name,
  number,
}: {
  name: string | null | undefined
  number: string | null | undefined
}) {
  const { t } = useI18n()
  return (
    <span className={classes['caller']}>
      <span className="cut" title={name ?? undefined}>
        {name || <span className="faint">{t('unit.unknown_caller')}</span>}
      </span>
      <span className={`${classes['number']} num`}>{number ? phoneNumber(number) : t('unit.withheld')}</span>
    </span>
  )
}
