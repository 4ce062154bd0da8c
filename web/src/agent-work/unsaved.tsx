/** Notes whose after-call work is over before they were saved: they wait here until they are saved or put away. */
import { Button } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { Panel } from '@/common/panel'
import { useI18n } from '@/i18n'
import { workApi } from './api'
import { type Draft, sameCall } from './drafts'
import { EndingForm } from './ending-form'
import { useDrafts } from './use-drafts'
import { useEnding } from './use-work'

interface UnsavedProps {
  agent: string
  /** The conversation whose form stands open anyway. */
  present: { call: string | null; channel: string | null } | null
}

export function Unsaved({ agent, present }: UnsavedProps) {
  const [drafts, all] = useDrafts()
  const client = useQueryClient()
  const ends = present?.channel ?? null
  // biome-ignore lint/correctness/useExhaustiveDependencies: with the end of after-call work a call may be owed
  useEffect(() => void client.invalidateQueries({ queryKey: ['owed'] }), [client, ends])
  const { data } = useQuery({
    queryKey: ['owed', agent],
    queryFn: () => workApi.owed(agent),
    enabled: all.length > 0,
  })
  if (!data) return null
  const owed = data.items
  const left = all.filter((one) => one.call !== present?.call || one.channel !== present.channel)
  return left
    .filter((one) => !owed.some((other) => sameCall(one, other))) // has its form among the calls to complete
    .map((one) => (
      <OneUnsaved key={`${one.call} ${one.channel}`} draft={one} putAway={() => drafts.drop(one)} />
    ))
}

function OneUnsaved({ draft, putAway }: { draft: Draft; putAway: () => void }) {
  const { t } = useI18n()
  const client = useQueryClient()
  const ending = useEnding(draft.queue)
  if (!ending) return null
  return (
    <Panel title={t('unsaved.title')} note={draft.queue} testId="unsaved">
      <EndingForm
        ending={ending}
        call={draft.call}
        channel={draft.channel}
        queue={draft.queue}
        version={0}
        save={t('owed.save')}
        saved={() => void client.invalidateQueries({ queryKey: ['owed'] })}
        focus={false}
      >
        <Button variant="subtle" onClick={putAway} data-testid="unsaved-away">
          {t('unsaved.away')}
        </Button>
      </EndingForm>
    </Panel>
  )
}
