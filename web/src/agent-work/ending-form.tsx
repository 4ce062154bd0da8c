/** How a call ended: a code, a note, and a button that saves both. */
import { Button, Select, Textarea } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { useNotice } from '@/common/notice'
import { useI18n } from '@/i18n'
import { type Ending, workApi } from './api'
import classes from './work.module.css'

interface EndingFormProps {
  ending: Ending
  call: string
  channel: string
  version: number
  save: string
  saved: () => void
  children?: ReactNode
}

export function EndingForm({ ending, call, channel, version, save, saved, children }: EndingFormProps) {
  const { t, words } = useI18n()
  const { attempt } = useNotice()
  const [code, setCode] = useState<string | null>(null)
  const [note, setNote] = useState('')
  const [busy, setBusy] = useState(false)
  const [seen, setSeen] = useState(version)
  const ready = code !== null && (!ending.note_required || note.trim() !== '')
  const data = ending.codes.map((one) =>
    one.codes.length > 0
      ? {
          group: words(one.name),
          items: one.codes.map((leaf) => ({ value: leaf.code, label: words(leaf.name) })),
        }
      : { value: one.code, label: words(one.name) },
  )
  const give = async () => {
    if (!code || !ready || busy) return
    setBusy(true)
    const done = await attempt(async () => {
      const kept = await workApi.give({ call, channel, code, note, version: seen })
      setSeen(kept.version) // what comes after saving may fail, and is tried again with another save
    })
    setBusy(false)
    if (done) saved()
  }
  return (
    <form
      className={classes['form']}
      onSubmit={(event) => {
        event.preventDefault()
        void give()
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void give()
      }}
    >
      <Select
        label={t('after.how')}
        description={ending.required ? undefined : t('after.optional')}
        data={data}
        value={code}
        onChange={setCode}
        searchable
        autoFocus
        openOnFocus={false}
        comboboxProps={{ withinPortal: true }}
        data-testid="ending-code"
      />
      <Textarea
        label={t('after.note')}
        placeholder={t('after.note.hint')}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
        maxLength={2000}
        autosize
        minRows={2}
        maxRows={6}
        required={ending.note_required}
        data-testid="ending-note"
      />
      <div className={classes['row']}>
        <Button type="submit" loading={busy} disabled={!ready} data-testid="ending-save">
          {save}
        </Button>
        {children}
      </div>
    </form>
  )
}
