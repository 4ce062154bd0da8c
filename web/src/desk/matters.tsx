/** What is owed to the caller: callbacks that were promised, calls he gave up. */
import { Link } from 'react-router'
import type { Pop } from '@/api/types'
import { WordBadge } from '@/common/word-badge'
import { moment } from '@/format'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import classes from './pop-card.module.css'

const SHOWN = 2

export function Matters({ pop }: { pop: Pop }) {
  const { t, language } = useI18n()
  const { may } = useSession()
  const more = pop.matters.length - SHOWN
  return (
    <div className={classes['matters']} data-testid="pop-matters">
      {pop.matters.slice(0, SHOWN).map((one) => {
        const text = t(`pop.matter.${one.kind}`, { queue: one.queue, due: moment(one.due_at, language) })
        const badge = <WordBadge tone="warn">{text}</WordBadge>
        return (
          <span key={one.id} className="cut" title={one.reason || text} data-testid="pop-matter">
            {may('care') ? <Link to="/care">{badge}</Link> : badge}
          </span>
        )
      })}
      {more > 0 ? <span className="faint">{t('pop.matter.more', { n: more })}</span> : null}
    </div>
  )
}
