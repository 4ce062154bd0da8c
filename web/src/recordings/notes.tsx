/** Marks and comments with their second: a click leads there; what one wrote oneself can be taken back. */
import { ActionIcon, Button, TextInput, Tooltip } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '@/api/client'
import type { RecordingNote } from '@/api/types'
import { IconBookmark, IconX } from '@/common/icons'
import { useNotice } from '@/common/notice'
import { Panel } from '@/common/panel'
import { ErrorNote, LoadingNote } from '@/common/states'
import { clock, dayAndTime } from '@/format'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import classes from './recording.module.css'

export function useNotes(recording: string) {
  return useQuery({ queryKey: ['recording-notes', recording], queryFn: () => api.recordingNotes(recording) })
}

/** Writes a note, shows it, and says so when it failed. */
export function useWriteNote(recording: string) {
  const client = useQueryClient()
  const { attempt } = useNotice()
  return async (at: number, text: string): Promise<boolean> => {
    const done = await attempt(() => api.writeNote(recording, Math.round(at * 10) / 10, text))
    void client.invalidateQueries({ queryKey: ['recording-notes', recording] })
    return done
  }
}

interface NotesProps {
  recording: string
  now(): number
  jump(seconds: number): void
}

export function Notes({ recording, now, jump }: NotesProps) {
  const { t } = useI18n()
  const { data, error, isPending, refetch } = useNotes(recording)
  const write = useWriteNote(recording)
  const [text, setText] = useState('')
  const [at, setAt] = useState<number | null>(null)
  const add = async () => {
    if (await write(at ?? now(), text)) {
      setText('')
      setAt(null)
    }
  }
  return (
    <Panel title={t('recording.notes')} testId="recording-notes">
      {isPending ? <LoadingNote /> : null}
      {error && !data ? <ErrorNote error={error} retry={() => void refetch()} /> : null}
      {data?.items.length === 0 ? (
        <p className={`${classes['none']} faint`}>{t('recording.notes.none')}</p>
      ) : null}
      <ol className={classes['notes']}>
        {data?.items.map((note) => (
          <Line key={note.id} recording={recording} note={note} jump={jump} />
        ))}
      </ol>
      <form
        className={classes['write']}
        onSubmit={(event) => {
          event.preventDefault()
          void add()
        }}
      >
        <TextInput
          aria-label={t('recording.notes.write', { at: clock(at ?? 0) })}
          placeholder={t('recording.notes.write', { at: at === null ? '…' : clock(at) })}
          value={text}
          maxLength={1000}
          onFocus={() => setAt((kept) => kept ?? now())}
          onBlur={() => {
            if (!text) setAt(null)
          }}
          onChange={(event) => setText(event.currentTarget.value)}
          data-testid="note-text"
        />
        <Button type="submit" variant="light" data-testid="note-add">
          {t('recording.notes.add')}
        </Button>
      </form>
    </Panel>
  )
}

function Line({ recording, note, jump }: { recording: string; note: RecordingNote; jump(at: number): void }) {
  const { t, language } = useI18n()
  const { user, may } = useSession()
  const { attempt } = useNotice()
  const client = useQueryClient()
  const remove = async () => {
    await attempt(() => api.removeNote(recording, note.id))
    void client.invalidateQueries({ queryKey: ['recording-notes', recording] })
  }
  return (
    <li className={classes['note']} data-testid="note">
      <button type="button" className={`${classes['at']} num`} onClick={() => jump(note.at_seconds)}>
        {clock(note.at_seconds)}
      </button>
      <span className={classes['text']}>
        {note.text ? (
          note.text
        ) : (
          <span className="quiet">
            <IconBookmark size={14} /> {t('recording.notes.mark')}
          </span>
        )}
        <span className={`${classes['who']} faint`}>
          {note.author_name} · {dayAndTime(note.written_at, language)}
        </span>
      </span>
      {note.author === user?.login || may('administer') ? (
        <Tooltip label={t('recording.notes.remove')}>
          <ActionIcon aria-label={t('recording.notes.remove')} onClick={() => void remove()}>
            <IconX size={15} />
          </ActionIcon>
        </Tooltip>
      ) : null}
    </li>
  )
}
