/** What a supervisor can do with a caller who waits, behind three dots. */
import { Menu } from '@mantine/core'
import { useState } from 'react'
import type { WaitingCaller } from '@/api/types'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import { useLive } from '@/stream/live'
import { AskDialog } from './ask-dialog'
import { supervision } from './requests'
import { RowMenu } from './row-menu'

const LONGEST_REASON = 200

type Deed = 'first' | 'move' | 'take'

export function WaitingMenu({ caller }: { caller: WaitingCaller }) {
  const { t } = useI18n()
  const { may } = useSession()
  const [deed, setDeed] = useState<Deed | null>(null)
  if (!may('supervise')) return null
  const name = caller.name ?? t('unit.unknown_caller')
  return (
    <>
      <RowMenu label={t('sup.actions', { name })} testId="waiting-menu">
        {(['first', 'move', 'take'] as const).map((one) => (
          <Menu.Item key={one} onClick={() => setDeed(one)} data-testid={`waiting-${one}`}>
            {t(`wait.${one}`)}
          </Menu.Item>
        ))}
      </RowMenu>
      {deed ? <Deed caller={caller} name={name} deed={deed} close={() => setDeed(null)} /> : null}
    </>
  )
}

function Deed({
  caller,
  name,
  deed,
  close,
}: {
  caller: WaitingCaller
  name: string
  deed: Deed
  close: () => void
}) {
  const { t } = useI18n()
  const queues = useLive((state) => state.floor?.queues ?? null) ?? []
  const others = queues.map((row) => row.queue).filter((queue) => queue !== caller.queue)
  const act = async (reason: string, queue: string) => {
    if (deed === 'first') await supervision.putFirst(caller.call, reason)
    else if (deed === 'take') await supervision.take(caller.call, reason)
    else await supervision.move(caller.call, queue, reason)
    return deed === 'take' ? t('sup.rings') : t('sup.done')
  }
  return (
    <AskDialog
      close={close}
      asked={{
        title: t(`wait.${deed}.of`, { name }),
        label: t('sup.reason'),
        detail: t('sup.reason.detail'),
        longest: LONGEST_REASON,
        confirm: t('sup.do'),
        ...(deed === 'move'
          ? { choices: { label: t('wait.queue'), values: others, none: t('wait.noqueue') } }
          : {}),
        act,
      }}
    />
  )
}
