/** The agent's own day, by the formulas of the key figures, and his own scored reviews. */
import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { Facts, Panel } from '@/common/panel'
import { WordBadge } from '@/common/word-badge'
import { clock, dayAndTime } from '@/format'
import { useI18n } from '@/i18n'
import { workApi } from './api'
import { useReasons, useWork } from './use-work'
import classes from './work.module.css'

const LOOK_MS = 30_000

export function OwnDay({ agent }: { agent: string }) {
  const { t, words } = useI18n()
  const { data } = useQuery({
    queryKey: ['day', agent],
    queryFn: () => workApi.day(agent),
    refetchInterval: LOOK_MS,
  })
  const { data: work } = useWork(agent)
  const reasons = useReasons()
  const spent = reasons.filter((one) => (work?.reasons_today[one.code] ?? 0) >= 1)
  const seconds = (value: number | null | undefined) => (value == null ? '–' : clock(Math.round(value)))
  return (
    <Panel title={t('day.title')} testId="own-day">
      <Facts
        items={[
          [
            t('day.handled'),
            <span key="h" className="num">
              {data?.handled ?? '–'}
            </span>,
          ],
          [
            t('day.talk'),
            <span key="t" className="num">
              {seconds(data?.talk_seconds)}
            </span>,
          ],
          [
            t('day.after'),
            <span key="w" className="num">
              {seconds(data?.wrap_up_seconds)}
            </span>,
          ],
          [
            t('day.aht'),
            <span key="a" className="num">
              {seconds(data?.aht_seconds)}
            </span>,
          ],
          [
            t('day.occupancy'),
            <span key="o" className="num">
              {data?.occupancy == null ? '–' : `${Math.round(data.occupancy * 100)}%`}
            </span>,
          ],
        ]}
      />
      {spent.length > 0 ? (
        <ul className={classes['list']} data-testid="reasons-today">
          {spent.map((one) => (
            <li key={one.code} className={classes['between']}>
              <span>{words(one.name)}</span>
              <span className="num">
                {seconds(work?.reasons_today[one.code])}
                {one.day_seconds ? <span className="faint"> / {clock(one.day_seconds)}</span> : null}
              </span>
            </li>
          ))}
        </ul>
      ) : null}
    </Panel>
  )
}

export function OwnReviews() {
  const { t, word, language } = useI18n()
  const { data } = useQuery({ queryKey: ['own-reviews'], queryFn: workApi.reviews, staleTime: 60_000 })
  const items = data?.items ?? []
  return (
    <Panel title={t('own.title')} testId="own-reviews">
      {items.length === 0 ? <span className="faint">{t('own.empty')}</span> : null}
      <ul className={classes['list']}>
        {items.map((one) => (
          <li key={one.id} className={classes['between']} data-testid="own-review">
            <Link
              className="cut"
              to={`/own-reviews/${encodeURIComponent(one.id)}`}
              data-testid="own-review-open"
            >
              <span className="num">{dayAndTime(one.started_at, language)}</span> · {one.queue}
            </Link>
            <span>
              <b className="num">{one.score == null ? '–' : Math.round(one.score)}</b>{' '}
              {one.result ? (
                <WordBadge tone={one.result === 'fail' ? 'bad' : 'good'}>
                  {word('result', one.result)}
                </WordBadge>
              ) : null}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
