/** What is asked of the agent at this desk, until a later call shows it. */
import { Button } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from 'react-router'
import { useNotice } from '@/common/notice'
import { Panel } from '@/common/panel'
import { clock, day } from '@/format'
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
            <span className={`${classes['cell']} faint`}>
              <Link to={`/own-reviews/${encodeURIComponent(one.review)}`} data-testid="task-review">
                {one.clip ? (
                  <>
                    {t('coach.heard')}{' '}
                    <span className="num" data-testid="task-clip">
                      {clock(one.clip.begin)}–{clock(one.clip.end)}
                    </span>
                  </>
                ) : (
                  t('coach.review')
                )}
              </Link>
              <span>
                {t('coach.recheck')} <span className="num">{day(one.recheck_at, language)}</span>
              </span>
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
