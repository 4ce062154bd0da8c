/** On the desk: that a supervisor is in the call, and what supervisors wrote. */
import { Button } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { IconHeadset, IconMessage } from '@/common/icons'
import { useNotice } from '@/common/notice'
import { timeOfDay } from '@/format'
import { useI18n } from '@/i18n'
import { useLive } from '@/stream/live'
import classes from './notes.module.css'
import { supervision } from './requests'

const KEY = ['notes']
const AGAIN_MS = 60_000

export function DeskNotes() {
  return (
    <div className={classes['place']} aria-live="polite">
      <SupervisedMark />
      <Notes />
    </div>
  )
}

function SupervisedMark() {
  const { t } = useI18n()
  const mode = useLive((state) => state.supervised)
  if (!mode) return null
  return (
    <p className={classes['mark']} data-testid="supervised-mark" data-mode={mode}>
      <IconHeadset size={16} stroke={1.8} />
      {t(`marked.${mode}` as 'marked.listen')}
    </p>
  )
}

function Notes() {
  const { t } = useI18n()
  const client = useQueryClient()
  const { attempt } = useNotice()
  const told = useLive((state) => state.notesTold) ?? 0
  const { data } = useQuery({ queryKey: KEY, queryFn: supervision.notes, refetchInterval: AGAIN_MS })
  // biome-ignore lint/correctness/useExhaustiveDependencies: the stream says that there is a new one
  useEffect(() => void client.invalidateQueries({ queryKey: KEY }), [told, client])
  const read = async (note: string) => {
    await attempt(() => supervision.read(note))
    await client.invalidateQueries({ queryKey: KEY })
  }
  if (!data || data.items.length === 0) return null
  return (
    <ul className={classes['notes']} aria-label={t('notes.title')} data-testid="notes">
      {data.items.map((note) => (
        <li key={note.id} data-testid="note">
          <IconMessage size={16} stroke={1.8} />
          <div>
            <p>{note.text}</p>
            <span className="faint">{t('notes.by', { name: note.by, time: timeOfDay(note.at) })}</span>
          </div>
          <Button size="xs" variant="default" onClick={() => void read(note.id)} data-testid="note-read">
            {t('notes.read')}
          </Button>
        </li>
      ))}
    </ul>
  )
}
