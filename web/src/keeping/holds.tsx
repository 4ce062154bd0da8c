/** Legal holds: put with a reason, lifted with a reason, never forgotten. */
import { Button, Group, Modal, Select, Stack, Textarea, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { type Hold, type HoldKind, keepingApi } from '@/api/keeping'
import { useNotice } from '@/common/notice'
import { Panel } from '@/common/panel'
import { EmptyNote, ErrorNote, LoadingRows } from '@/common/states'
import { type Column, DataTable } from '@/common/table'
import { WordBadge } from '@/common/word-badge'
import { dayAndTime } from '@/format'
import { type I18n, useI18n } from '@/i18n'
import { AskDialog } from '@/supervision/ask-dialog'

const KINDS: HoldKind[] = ['number', 'customer', 'call', 'recording']

export function Holds() {
  const i18n = useI18n()
  const { t } = i18n
  const client = useQueryClient()
  const [putting, setPutting] = useState(false)
  const [lifting, setLifting] = useState<Hold | null>(null)
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['holds'],
    queryFn: () => keepingApi.holds({ limit: 100 }),
  })
  const changed = () => client.invalidateQueries({ queryKey: ['holds'] })
  return (
    <Panel
      flush
      title={t('keeping.holds')}
      note={t('keeping.holds.note')}
      right={
        <Button size="sm" variant="light" onClick={() => setPutting(true)} data-testid="hold-put">
          {t('keeping.hold.put')}
        </Button>
      }
      testId="holds"
    >
      {isPending ? <LoadingRows rows={3} /> : null}
      {error && !data ? <ErrorNote error={error} retry={() => void refetch()} /> : null}
      {data?.total === 0 ? <EmptyNote title={t('keeping.holds.none')} /> : null}
      {data && data.total > 0 ? (
        <DataTable
          testId="holds-table"
          label={t('keeping.holds')}
          minWidth={640}
          columns={columns(i18n, setLifting)}
          rows={data.items}
          rowKey={(row) => row.id}
        />
      ) : null}
      {putting ? <PutHold close={() => setPutting(false)} done={changed} /> : null}
      {lifting ? (
        <AskDialog
          close={() => setLifting(null)}
          asked={{
            title: t('keeping.hold.lift.of', { what: lifting.subject }),
            label: t('keeping.reason'),
            longest: 2000,
            confirm: t('keeping.hold.lift'),
            act: async (text) => {
              await keepingApi.liftHold(lifting.id, text)
              await changed()
              return t('keeping.hold.lifted')
            },
          }}
        />
      ) : null}
    </Panel>
  )
}

function PutHold({ close, done }: { close: () => void; done: () => Promise<void> }) {
  const { t, word } = useI18n()
  const { attempt, say } = useNotice()
  const [kind, setKind] = useState<HoldKind>('number')
  const [subject, setSubject] = useState('')
  const [reason, setReason] = useState('')
  const [busy, setBusy] = useState(false)
  const ready = subject.trim() !== '' && reason.trim().length >= 3
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (busy || !ready) return
    setBusy(true)
    const worked = await attempt(() => keepingApi.putHold(kind, subject.trim(), reason.trim()))
    setBusy(false)
    if (!worked) return
    say(t('keeping.hold.stands'))
    await done()
    close()
  }
  return (
    <Modal
      opened
      onClose={close}
      title={t('keeping.hold.put')}
      centered
      closeButtonProps={{ 'aria-label': t('sup.cancel') }}
      data-testid="hold-dialog"
    >
      <form onSubmit={(event) => void submit(event)}>
        <Stack gap="sm">
          <Select
            label={t('keeping.hold.kind')}
            data={KINDS.map((value) => ({ value, label: word('hold', value) }))}
            value={kind}
            onChange={(value) => setKind(value as HoldKind)}
            allowDeselect={false}
          />
          <TextInput
            label={t(kind === 'number' ? 'keeping.number' : 'keeping.id')}
            value={subject}
            onChange={(event) => setSubject(event.currentTarget.value)}
            data-testid="hold-subject"
          />
          <Textarea
            label={t('keeping.reason')}
            value={reason}
            maxLength={2000}
            autosize
            minRows={2}
            maxRows={6}
            onChange={(event) => setReason(event.currentTarget.value)}
            data-testid="hold-reason"
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t('sup.cancel')}
            </Button>
            <Button type="submit" loading={busy} disabled={!ready} data-testid="hold-confirm">
              {t('keeping.hold.put')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function columns({ t, word, language }: I18n, lift: (hold: Hold) => void): Column<Hold>[] {
  return [
    {
      key: 'on',
      head: t('keeping.hold.on'),
      width: '26%',
      cell: (row) => (
        <>
          <span className="faint">{word('hold', row.kind)}</span>{' '}
          <span className="cut" title={row.subject}>
            {row.subject}
          </span>
        </>
      ),
    },
    {
      key: 'why',
      head: t('keeping.reason'),
      cell: (row) => <span title={row.reason}>{row.lifted_because ?? row.reason}</span>,
    },
    {
      key: 'by',
      head: t('audit.who'),
      width: '22%',
      phone: false,
      cell: (row) => (
        <span className="quiet">
          {row.lifted_by ?? row.by} · {dayAndTime(row.lifted_at ?? row.at, language)}
        </span>
      ),
    },
    {
      key: 'state',
      head: t('keeping.hold.state'),
      width: '130px',
      cell: (row) =>
        row.lifted_at === null ? (
          <Button size="compact-sm" variant="light" onClick={() => lift(row)} data-testid="hold-lift">
            {t('keeping.hold.lift')}
          </Button>
        ) : (
          <WordBadge>{t('keeping.hold.lifted')}</WordBadge>
        ),
    },
  ]
}
