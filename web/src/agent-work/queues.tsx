/** The queues this agent serves: each on and off, and all of them with one button. */
import { Button, Switch } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useNotice } from '@/common/notice'
import { Panel } from '@/common/panel'
import { useI18n } from '@/i18n'
import { useLive } from '@/stream/live'
import { workApi } from './api'
import { LOOK_MS } from './use-work'
import classes from './work.module.css'

export function Queues({ agent }: { agent: string }) {
  const { t } = useI18n()
  const { attempt, say } = useNotice()
  const client = useQueryClient()
  const [busy, setBusy] = useState(false)
  const on = useLive(({ own }) => own?.queues?.join() ?? '') // logged on and off elsewhere too
  const { data } = useQuery({
    queryKey: ['shift', agent, on],
    queryFn: () => workApi.queues(agent),
    refetchInterval: LOOK_MS,
    placeholderData: (before) => before,
  })
  const items = data?.items ?? []
  const own = items.filter((one) => one.own)
  const shift = async (wish: typeof workApi.begin) => {
    const { problems } = await wish(agent)
    if (problems.length > 0) say(problems.join(' '), true)
  }
  const change = async (action: () => Promise<unknown>) => {
    setBusy(true)
    await attempt(action)
    await client.invalidateQueries({ queryKey: ['shift'] })
    setBusy(false)
  }
  return (
    <Panel title={t('shift.title')} testId="my-queues">
      {items.length === 0 ? <span className="faint">{t('shift.empty')}</span> : null}
      <ul className={classes['list']}>
        {items.map((one) => (
          <li key={one.queue} className={classes['between']} data-testid="my-queue" data-queue={one.queue}>
            <Switch
              checked={one.on}
              disabled={busy || !one.own}
              label={one.queue}
              aria-label={t('shift.on', { queue: one.queue })}
              onChange={() => void change(() => (one.on ? workApi.logOff : workApi.logOn)(agent, one.queue))}
            />
            <span className="faint num">
              {one.own ? (one.penalty > 0 ? t('shift.penalty', { n: one.penalty }) : '') : t('shift.fixed')}
            </span>
          </li>
        ))}
      </ul>
      {own.length > 0 ? (
        <div className={classes['row']}>
          {own.some((one) => !one.on) ? (
            <Button
              size="xs"
              loading={busy}
              onClick={() => void change(() => shift(workApi.begin))}
              data-testid="shift-begin"
            >
              {t('shift.begin')}
            </Button>
          ) : null}
          {own.some((one) => one.on) ? (
            <Button
              size="xs"
              variant="default"
              loading={busy}
              onClick={() => void change(() => shift(workApi.end))}
              data-testid="shift-end"
            >
              {t('shift.end')}
            </Button>
          ) : null}
        </div>
      ) : null}
    </Panel>
  )
}
