/** How a call ended: a code, a note, and a button that saves both. */
import { Button, Select, Textarea } from '@mantine/core'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useNotice } from '@/common/notice'
import { useI18n } from '@/i18n'
import { type Ending, workApi } from './api'
import { useDrafts } from './use-drafts'
import classes from './work.module.css'

interface EndingFormProps {
  ending: Ending
  call: string
  channel: string
  queue: string
  version: number
  save: string
  saved: () => void
  /** Whether it takes the keys when it appears. */
  focus?: boolean
  children?: ReactNode
}

export function EndingForm(props: EndingFormProps) {
  const { ending, call, channel, queue, version, save, saved, focus = true, children } = props
  const { t, words } = useI18n()
  const { attempt } = useNotice()
  const [drafts] = useDrafts()
  const [begun] = useState(() => drafts.of({ call, channel }))
  const [code, setCode] = useState<string | null>(begun?.code ?? null)
  const [note, setNote] = useState(begun?.note ?? '')
  const [busy, setBusy] = useState(false)
  const giving = useRef(false)
  const given = useRef(0) // the version that was saved last
  useEffect(() => {
    if (given.current === 0) drafts.keep({ call, channel, queue, code, note })
  }, [drafts, call, channel, queue, code, note])
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
    if (!code || !ready || giving.current) return
    giving.current = true
    setBusy(true)
    const seen = Math.max(version, given.current)
    const done = await attempt(async () => {
      given.current = (await workApi.give({ call, channel, code, note, version: seen })).version
    })
    giving.current = false
    setBusy(false)
    if (!done) return
    drafts.drop({ call, channel })
    saved()
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
        autoFocus={focus}
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
