/** One promise with its story, beside the list. */
import { Button, Drawer, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'react-router'
import { api } from '@/api/client'
import type { CallbackStory, RescueStory } from '@/api/types'
import { useNotice } from '@/common/notice'
import { Facts } from '@/common/panel'
import { ErrorNote, LoadingRows } from '@/common/states'
import { TierBadge } from '@/common/tier-badge'
import { Timeline } from '@/common/timeline'
import { clock, dayAndTime, phoneNumber } from '@/format'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import classes from './care.module.css'
import type { Kind } from './words'

export function StoryDrawer({ kind, id, close }: { kind: Kind; id: string | null; close: () => void }) {
  const { t } = useI18n()
  const { data, error, isPending } = useQuery({
    queryKey: ['care', 'story', kind, id],
    queryFn: () => api.story(kind, id ?? ''),
    enabled: id !== null,
    refetchInterval: 3_000,
  })
  return (
    <Drawer
      opened={id !== null}
      onClose={close}
      position="right"
      size={460}
      title={t('care.story')}
      closeButtonProps={{ 'aria-label': t('pop.dismiss') }}
      data-testid="care-drawer"
    >
      {isPending ? <LoadingRows rows={6} /> : null}
      {error && !data ? <ErrorNote error={error} /> : null}
      {data ? <Story kind={kind} of={data} close={close} /> : null}
    </Drawer>
  )
}

function Story({ kind, of, close }: { kind: Kind; of: CallbackStory | RescueStory; close: () => void }) {
  const { t, word, language } = useI18n()
  const { may } = useSession()
  const call = (id: string) =>
    may('see_calls') ? <Link to={`/calls/${encodeURIComponent(id)}`}>{id}</Link> : <span>{id}</span>
  const more: [string, React.ReactNode][] =
    'source' in of
      ? [
          [t('care.source'), word('callback.source', of.source)],
          [t('care.reason'), of.reason || '–'],
        ]
      : [
          [t('care.waited'), clock(of.waited)],
          [t('care.times'), of.times],
        ]
  const entries = of.story.map((line) => ({
    at: line.at,
    what: word('care.step', line.step),
    detail: [line.agent ?? line.by ?? '', line.why ? word('care.why', line.why) : '']
      .filter(Boolean)
      .join(' · '),
  }))
  return (
    <div className={classes['story']}>
      <div className={classes['who']}>
        <TierBadge tier={of.tier} />
        <strong>{of.name ?? t('unit.unknown_caller')}</strong>
        <span className="num quiet">{of.number ? phoneNumber(of.number) : t('unit.withheld')}</span>
      </div>
      <Facts
        columns={2}
        items={[[t('filter.queue'), of.queue], [t('care.due_at'), dayAndTime(of.due_at, language)], ...more]}
      />
      <Facts
        columns={1}
        items={[
          ...(of.first_call ? ([[t('care.first'), call(of.first_call)]] as [string, React.ReactNode][]) : []),
          ...(of.call ? ([[t('care.last'), call(of.call)]] as [string, React.ReactNode][]) : []),
        ]}
      />
      <Timeline entries={entries} />
      <End kind={kind} of={of} close={close} />
    </div>
  )
}

/** Ends it by hand: a callback that is not wanted any more, a rescue with a reason. */
function End({ kind, of, close }: { kind: Kind; of: CallbackStory | RescueStory; close: () => void }) {
  const { t } = useI18n()
  const { attempt } = useNotice()
  const client = useQueryClient()
  const [why, setWhy] = useState('')
  const open = ['waiting', 'claimed', 'offered', 'open', 'not_reachable'].includes(of.state)
  if (!open) return null
  const end = async () => {
    const worked = await attempt(() =>
      kind === 'callbacks' ? api.cancelCallback(of.id) : api.closeRescue(of.id, why),
    )
    void client.invalidateQueries({ queryKey: ['care'] })
    if (worked) close()
  }
  if (kind === 'callbacks')
    return (
      <Button variant="default" onClick={() => void end()} data-testid="care-cancel">
        {t('care.cancel')}
      </Button>
    )
  return (
    <form
      className={classes['close']}
      onSubmit={(event) => {
        event.preventDefault()
        void end()
      }}
    >
      <TextInput
        label={t('care.close.why')}
        value={why}
        maxLength={500}
        onChange={(event) => setWhy(event.currentTarget.value)}
        data-testid="care-close-why"
      />
      <Button type="submit" variant="default" disabled={why.trim().length < 2} data-testid="care-close">
        {t('care.close')}
      </Button>
    </form>
  )
}
