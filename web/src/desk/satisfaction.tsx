/** How content the caller was when he was last asked. It shares a line with a heading, so it may come late. */
import type { Pop } from '@/api/types'
import { IconAlertTriangle } from '@/common/icons'
import { day } from '@/format'
import { useI18n } from '@/i18n'
import classes from './pop-card.module.css'

export function LastSatisfaction({ pop }: { pop: Pop }) {
  const { t, language } = useI18n()
  const said = pop.satisfaction
  if (!said) return null
  const score = t('pop.satisfaction.score', { score: said.score, scale: said.scale })
  return (
    <span
      className={`${classes['satisfaction']} cut`}
      data-low={said.low || undefined}
      data-testid="pop-satisfaction"
      title={said.comment || undefined}
    >
      {t('pop.satisfaction')}
      <b>
        {said.low ? <IconAlertTriangle size={13} aria-hidden /> : null}
        {score}
        {said.low ? ` ${t('pop.satisfaction.low')}` : ''}
      </b>
      {`· ${day(said.answered_at, language)}`}
    </span>
  )
}
