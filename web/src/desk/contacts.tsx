import { useEnding } from '@/agent-work/use-work'
import type { Contact, Pop } from '@/api/types'
import { useAgentName } from '@/common/agent-name'
import { OutcomeBadge } from '@/common/word-badge'
import { ago, clock, dayAndTime } from '@/format'
import { useI18n } from '@/i18n'
import { useNow } from '@/stream/now'
import classes from './pop-card.module.css'
import { contactsText } from './pop-words'
import { LastSatisfaction } from './satisfaction'

export function Contacts({ pop }: { pop: Pop }) {
  const { t } = useI18n()
  const nothing = contactsText(pop)
  return (
    <section className={classes['contacts']} data-testid="pop-contacts">
      <header>
        <h4>{t('pop.contacts')}</h4>
        <LastSatisfaction pop={pop} />
      </header>
      {nothing ? (
        <span className="faint">{t(nothing)}</span>
      ) : (
        <ul>
          {pop.contacts?.map((contact) => (
            <OneContact key={contact.at} contact={contact} />
          ))}
        </ul>
      )}
    </section>
  )
}

function OneContact({ contact }: { contact: Contact }) {
  const { language, words, word } = useI18n()
  const now = useNow()
  const nameOf = useAgentName()
  const ending = useEnding(contact.queue)
  const known = ending?.codes.flatMap((one) => [one, ...one.codes]).find((one) => one.code === contact.code)
  const code = known ? words(known.name) : contact.code && word('disposition', contact.code)
  const said = [code, contact.note].filter(Boolean).join(': ')
  return (
    <li data-testid="pop-contact">
      <span className="quiet num" title={dayAndTime(contact.at, language)}>
        {ago(contact.at, now, language)}
      </span>
      <OutcomeBadge outcome={contact.outcome} />
      <span className="quiet cut">
        {[contact.queue, contact.agent && nameOf(contact.agent)].filter(Boolean).join(' · ') || '–'}
      </span>
      <span className="quiet num">{contact.talk_seconds ? clock(contact.talk_seconds) : ''}</span>
      <span className={`${classes['said']} cut`} title={said || undefined} data-testid="pop-contact-said">
        {said}
      </span>
    </li>
  )
}
