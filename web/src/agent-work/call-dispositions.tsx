/** How a call ended, in the words of each agent who had it; every correction stays readable. */
import { useQuery } from '@tanstack/react-query'
import { useAgentName } from '@/common/agent-name'
import { Panel } from '@/common/panel'
import { dayAndTime } from '@/format'
import { useI18n } from '@/i18n'
import { type Disposition, workApi } from './api'
import { useEnding } from './use-work'
import classes from './work.module.css'

export function CallDispositions({ call }: { call: string }) {
  const { t } = useI18n()
  const { data } = useQuery({ queryKey: ['dispositions', call], queryFn: () => workApi.ofCall(call) })
  const items = data?.items ?? []
  if (items.length === 0) return null
  return (
    <Panel title={t('disposition.title')} testId="call-dispositions">
      <ul className={classes['list']}>
        {items.map((one) => (
          <Line
            key={`${one.channel} ${one.version}`}
            one={one}
            holds={!items.some((other) => other.channel === one.channel && other.version > one.version)}
          />
        ))}
      </ul>
    </Panel>
  )
}

function Line({ one, holds }: { one: Disposition; holds: boolean }) {
  const { t, words, word, language } = useI18n()
  const nameOf = useAgentName()
  const ending = useEnding(one.queue)
  const known = ending?.codes.flatMap((code) => [code, ...code.codes]).find((code) => code.code === one.code)
  return (
    <li data-testid="call-disposition" data-holds={holds || undefined}>
      <div className={classes['between']}>
        <span className={holds ? '' : 'faint'}>
          <b>{known ? words(known.name) : word('disposition', one.code)}</b> · {one.queue} ·{' '}
          {nameOf(one.agent)}
          {holds ? null : ` · ${t('disposition.corrected')}`}
        </span>
        <span className="quiet num">{dayAndTime(one.given_at, language)}</span>
      </div>
      {one.note ? <p className={classes['note']}>{one.note}</p> : null}
    </li>
  )
}
