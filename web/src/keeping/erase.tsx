/** Erases somebody everywhere. It cannot be taken back, so the number is written twice. */
import { Alert, Button, Group, Modal, Stack, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { keepingApi } from '@/api/keeping'
import { useNotice } from '@/common/notice'
import { useI18n } from '@/i18n'

export function EraseButton() {
  const { t } = useI18n()
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button color="red" variant="light" onClick={() => setOpen(true)} data-testid="erase-open">
        {t('keeping.erase')}
      </Button>
      {open ? <EraseDialog close={() => setOpen(false)} /> : null}
    </>
  )
}

function EraseDialog({ close }: { close: () => void }) {
  const { t } = useI18n()
  const { attempt, say } = useNotice()
  const client = useQueryClient()
  const [number, setNumber] = useState('')
  const [again, setAgain] = useState('')
  const [busy, setBusy] = useState(false)
  const ready = /^\+[\d ()./-]{6,40}$/.test(number.trim()) && number.trim() === again.trim()
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (busy || !ready) return
    setBusy(true)
    const worked = await attempt(() => keepingApi.erase(number.trim()))
    setBusy(false)
    if (!worked) return
    say(t('keeping.erased'))
    void client.invalidateQueries()
    close()
  }
  return (
    <Modal
      opened
      onClose={close}
      title={t('keeping.erase')}
      centered
      closeButtonProps={{ 'aria-label': t('sup.cancel') }}
      data-testid="erase-dialog"
    >
      <form onSubmit={(event) => void submit(event)}>
        <Stack gap="sm">
          <Alert color="red" variant="light">
            {t('keeping.erase.warning')}
          </Alert>
          <TextInput
            label={t('keeping.number')}
            value={number}
            onChange={(event) => setNumber(event.currentTarget.value)}
            inputMode="tel"
            autoComplete="off"
            data-testid="erase-number"
          />
          <TextInput
            label={t('keeping.number.again')}
            value={again}
            onChange={(event) => setAgain(event.currentTarget.value)}
            inputMode="tel"
            autoComplete="off"
            data-testid="erase-again"
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t('sup.cancel')}
            </Button>
            <Button type="submit" color="red" loading={busy} disabled={!ready} data-testid="erase-confirm">
              {t('keeping.erase.go')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
