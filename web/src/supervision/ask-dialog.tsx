/** Asks for the reason of a deed, and does it. Stays open when the server says no. */
import { Button, Group, Modal, Select, Stack, Text, Textarea } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useNotice } from '@/common/notice'
import { useI18n } from '@/i18n'

interface Asked {
  title: string
  /** What the text is. */
  label: string
  detail?: string
  longest: number
  confirm: string
  /** Where to, when there is a choice. */
  choices?: { label: string; values: Choice[]; none: string }
  act(text: string, choice: string): Promise<string>
}

type Choice = string | { value: string; label: string }

function firstOf(choice: Choice | undefined): string | null {
  return (typeof choice === 'object' ? choice.value : choice) ?? null
}

export function AskDialog({ asked, close }: { asked: Asked; close: () => void }) {
  const { t } = useI18n()
  const { attempt, say } = useNotice()
  const [text, setText] = useState('')
  const [choice, setChoice] = useState<string | null>(firstOf(asked.choices?.values[0]))
  const [busy, setBusy] = useState(false)
  const impossible = asked.choices !== undefined && choice === null

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (busy || impossible || !text.trim()) return
    setBusy(true)
    let said = ''
    const worked = await attempt(async () => {
      said = await asked.act(text.trim(), choice ?? '')
    })
    setBusy(false)
    if (!worked) return
    say(said)
    close()
  }

  return (
    <Modal
      opened
      onClose={close}
      title={asked.title}
      centered
      closeButtonProps={{ 'aria-label': t('sup.cancel') }}
      data-testid="ask-dialog"
    >
      <form onSubmit={(event) => void submit(event)}>
        <Stack gap="sm">
          {asked.choices ? (
            asked.choices.values.length > 0 ? (
              <Select
                label={asked.choices.label}
                data={asked.choices.values}
                value={choice}
                onChange={setChoice}
                allowDeselect={false}
                data-testid="ask-choice"
              />
            ) : (
              <Text size="sm">{asked.choices.none}</Text>
            )
          ) : null}
          <Textarea
            label={asked.label}
            description={asked.detail}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            maxLength={asked.longest}
            autosize
            minRows={2}
            maxRows={6}
            data-autofocus
            data-testid="ask-text"
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>
              {t('sup.cancel')}
            </Button>
            <Button
              type="submit"
              loading={busy}
              disabled={impossible || !text.trim()}
              data-testid="ask-confirm"
            >
              {asked.confirm}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
