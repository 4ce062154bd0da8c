/** On the floor: a note to everybody, to those of a queue, or to a team. */
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { IconMessage } from '@/common/icons'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import { LONGEST_NOTE } from './agent-menu'
import { AskDialog } from './ask-dialog'
import { supervision } from './requests'

export function WriteAll({ queues }: { queues: string[] }) {
  const { t } = useI18n()
  const { may } = useSession()
  const [open, setOpen] = useState(false)
  if (!may('supervise')) return null
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconMessage size={16} />}
        onClick={() => setOpen(true)}
        data-testid="write-all"
      >
        {t('sup.note')}
      </Button>
      {open ? <WriteDialog queues={queues} close={() => setOpen(false)} /> : null}
    </>
  )
}

function WriteDialog({ queues, close }: { queues: string[]; close: () => void }) {
  const { t } = useI18n()
  const { data } = useQuery({ queryKey: ['note-teams'], queryFn: supervision.teams })
  if (!data) return null
  const values = [
    { value: 'all', label: t('sup.note.all') },
    ...data.items.map((team) => ({ value: `team ${team}`, label: t('sup.note.team', { name: team }) })),
    ...queues.map((queue) => ({ value: `queue ${queue}`, label: t('sup.note.queue', { name: queue }) })),
  ]
  return (
    <AskDialog
      close={close}
      asked={{
        title: t('sup.note'),
        label: t('sup.note.text'),
        longest: LONGEST_NOTE,
        confirm: t('sup.note.send'),
        choices: { label: t('sup.note.whom'), values, none: '' },
        act: async (text, choice) => {
          const [kind = 'all', ...name] = choice.split(' ')
          const sent = await supervision.write(text, kind === 'all' ? {} : { [kind]: name.join(' ') })
          return t('sup.note.sent', { n: sent.agents })
        },
      }}
    />
  )
}
