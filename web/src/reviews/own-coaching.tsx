/** What is asked of the agent at this desk, until a later call shows it. */
import { Button } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNotice } from '@/common/notice'
import { Panel } from '@/common/panel'
import { day } from '@/format'
import { useI18n } from '@/i18n'
import { judging } from './api'
import { TaskState } from './coaching'
import classes from './judging.module.css'

export function OwnCoaching() {
  const { t, language } = useI18n()
  const { attempt } = useNotice()
  const client = useQueryClient()
  const { data } = useQuery({ queryKey: ['own-coaching'], queryFn: judging.ownTasks, staleTime: 60_000 })
  const items = data?.items ?? []
  if (items.length === 0) return null
  const read = async (id: string) => {
    await attempt(() => judging.readTask(id))
    void client.invalidateQueries({ queryKey: ['own-coaching'] })
  }
  return (
    <Panel title={t('coach.mine')} testId="own-coaching">
      <ul className={classes['answers']}>
        {items.map((one) => (
          <li key={one.id} data-testid="own-task">
            <span className={classes['cell']}>
              <b>{one.target}</b> <TaskState task={one} />
            </span>
            <q>{one.behaviour}</q>
            <span className="faint">
              {t('coach.recheck')} <span className="num">{day(one.recheck_at, language)}</span>
            </span>
            {one.state === 'asked' ? (
              <Button
                size="compact-sm"
                variant="light"
                onClick={() => void read(one.id)}
                data-testid="task-read"
              >
                {t('own.acknowledge')}
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
    </Panel>
  )
}
