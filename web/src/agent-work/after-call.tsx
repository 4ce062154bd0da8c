/** What is left to do after a call, and the calls that still wait for it. */
import { Button } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '@/api/client'
import { useNotice } from '@/common/notice'
import { Panel } from '@/common/panel'
import { clock, dayAndTime } from '@/format'
import { useI18n } from '@/i18n'
import { useLive } from '@/stream/live'
import { useNow } from '@/stream/now'
import { type AfterCall, type Disposition, workApi } from './api'
import { EndingForm } from './ending-form'
import { useDrafts } from './use-drafts'
import { LOOK_MS, useEnding } from './use-work'
import classes from './work.module.css'

export function AfterCallPanel({ agent, work }: { agent: string; work: AfterCall }) {
  const { t } = useI18n()
  const { attempt } = useNotice()
  const now = useNow()
  const client = useQueryClient()
  const ending = useEnding(work.queue)
  const left = Math.max(0, Math.ceil(work.until - now))
  const again = () => void client.invalidateQueries({ queryKey: ['work'] })
  const finish = () => attempt(() => api.wrapUpDone(agent)).then(again)
  const [drafts] = useDrafts()
  const finishWithout = () => {
    if (work.call && work.channel) drafts.drop({ call: work.call, channel: work.channel })
    void finish()
  }
  const buttons = (
    <>
      {work.extensions_left > 0 ? (
        <Button
          variant="default"
          title={t('after.extend.left', { n: work.extensions_left })}
          onClick={() => void attempt(() => workApi.extend(agent)).then(again)}
          data-testid="after-extend"
        >
          {t('after.extend', { n: Math.round(work.extension_seconds) })}
        </Button>
      ) : null}
      {ending?.required && ending.codes.length > 0 ? null : (
        <Button variant="subtle" onClick={finishWithout} data-testid="after-finish">
          {t('after.finish')}
        </Button>
      )}
    </>
  )
  const asks = ending && ending.codes.length > 0 && work.call && work.channel
  return (
    <Panel
      title={t('after.title')}
      note={work.queue}
      testId="after-call"
      right={
        <span className="num">{left > 0 ? t('after.left', { time: clock(left) }) : t('after.over')}</span>
      }
    >
      {asks && work.call && work.channel ? (
        <EndingForm
          key={`${work.call} ${work.channel}`}
          ending={ending}
          call={work.call}
          channel={work.channel}
          queue={work.queue ?? ''}
          version={0}
          save={t('after.save')}
          saved={() => void finish()}
        >
          {buttons}
        </EndingForm>
      ) : (
        <div className={classes['row']}>{buttons}</div>
      )}
    </Panel>
  )
}

export function Owed({ agent }: { agent: string }) {
  const { t } = useI18n()
  const client = useQueryClient()
  const { data } = useQuery({
    queryKey: ['owed', agent, useLive(({ work }) => work)],
    queryFn: () => workApi.owed(agent),
    placeholderData: (before) => before,
    refetchInterval: LOOK_MS,
  })
  const [open, setOpen] = useState<string | null>(null)
  const items = data?.items ?? []
  if (items.length === 0) return null
  const done = () => {
    setOpen(null)
    void client.invalidateQueries({ queryKey: ['owed'] })
  }
  return (
    <Panel title={t('owed.title')} right={<b className="num">{items.length}</b>} testId="owed">
      <p className={`quiet ${classes['remark']}`}>{t('owed.note')}</p>
      <ul className={classes['list']}>
        {items.map((one) => {
          const key = `${one.call} ${one.channel}`
          return <OwedCall key={key} one={one} open={open === key} choose={() => setOpen(key)} done={done} />
        })}
      </ul>
    </Panel>
  )
}

interface OwedCallProps {
  one: Disposition
  open: boolean
  choose: () => void
  done: () => void
}

function OwedCall({ one, open, choose, done }: OwedCallProps) {
  const { t, language } = useI18n()
  const ending = useEnding(one.queue)
  return (
    <li data-testid="owed-call" data-call={one.call}>
      <div className={classes['between']}>
        <span className="cut">
          <span className="num">{dayAndTime(one.ended_at, language)}</span> · {one.queue}
        </span>
        {open ? null : (
          <Button size="xs" variant="default" onClick={choose} data-testid="owed-complete">
            {t('owed.complete')}
          </Button>
        )}
      </div>
      {open && ending ? (
        <EndingForm
          ending={ending}
          call={one.call}
          channel={one.channel}
          queue={one.queue}
          version={one.version}
          save={t('owed.save')}
          saved={done}
        >
          <Button variant="subtle" onClick={done}>
            {t('owed.cancel')}
          </Button>
        </EndingForm>
      ) : null}
    </li>
  )
}
