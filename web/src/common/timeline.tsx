import type { TimelineEntry } from '@/api/types'
import { day, plainWords, timeOfDay, toDate } from '@/format'
import { isTextKey, useI18n } from '@/i18n'
import { EmptyNote } from './states'
import classes from './timeline.module.css'

/** What happened, when, in order; the day stands where it changes. */
export function Timeline({ entries, empty }: { entries: TimelineEntry[]; empty?: string }) {
  const { t, language } = useI18n()
  if (entries.length === 0) return <EmptyNote title={empty ?? t('customers.timeline.none')} />
  const name = (what: string) =>
    isTextKey(`event.${what}`) ? t(`event.${what}` as 'event.CallQueued') : plainWords(what)
  return (
    <ol className={classes['timeline']} data-testid="timeline">
      {entries.map((entry, place) => {
        const before = entries[place - 1]
        const newDay = toDate(entry.at)?.toDateString() !== toDate(before?.at)?.toDateString()
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a story's lines have no id and only grow
          <li key={place} data-testid="timeline-entry" data-what={entry.what}>
            <span className={`${classes['at']} num`}>
              {newDay && entries.length > 1 && place > 0 ? <b>{day(entry.at, language)}</b> : null}
              {timeOfDay(entry.at)}
            </span>
            <span className={classes['dot']} aria-hidden="true" />
            <span className={classes['text']}>
              <b>{name(entry.what)}</b>
              {entry.detail ? <span className="quiet">{entry.detail}</span> : null}
            </span>
          </li>
        )
      })}
    </ol>
  )
}
