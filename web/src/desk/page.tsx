import { Button } from '@mantine/core'
import { WorkAbove, WorkBeside } from '@/agent-work/desk'
import { useMustComplete } from '@/agent-work/use-work'
import type { Pop, WaitingCaller } from '@/api/types'
import { CallbackCard } from '@/care/desk-card'
import { IconHeadset } from '@/common/icons'
import { PageHead, Panel } from '@/common/panel'
import { EmptyNote } from '@/common/states'
import { Ticking } from '@/common/ticking'
import { TierBadge } from '@/common/tier-badge'
import { type TextKey, useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import { SoftphonePanel } from '@/softphone/panel'
import { useLive } from '@/stream/live'
import { DeskNotes } from '@/supervision/notes'
import classes from './desk.module.css'
import { nextDeeds } from './next-deeds'
import { NotReadyMenu, StateChip, useOwn, useStateChange } from './own-state'
import { PopCard } from './pop-card'

const NO_POPS: Pop[] = []
const NOBODY: WaitingCaller[] = []
const SHOWN_IN_LINE = 5
/** What an agent without a call may expect. */
const QUIET: Record<string, TextKey> = {
  ready: 'desk.quiet.ready',
  ringing: 'desk.quiet.ready',
  busy: 'desk.quiet.busy',
  working_after_call: 'desk.quiet.after',
}

export default function DeskPage() {
  const { t } = useI18n()
  const { user, may } = useSession()
  if (!may('use_desk')) return <EmptyNote title={t('state.forbidden')} tall />
  if (!user.agent) return <EmptyNote title={t('desk.noagent')} detail={t('desk.noagent.detail')} tall />
  return <Desk agent={user.agent} />
}

/** Each part follows what it shows by itself, so that a call draws its card and not the page. */
function Desk({ agent }: { agent: string }) {
  const { t } = useI18n()
  return (
    <div data-testid="desk">
      <PageHead title={t('desk.title')} right={<StateButtons agent={agent} />} />
      <DeskNotes />
      <WorkAbove agent={agent} />
      <div className={classes['columns']}>
        <div className={classes['pops']} data-testid="pops">
          <CallbackCard />
          <Cards agent={agent} />
        </div>
        <div className={classes['side']}>
          <SoftphonePanel />
          <NextInLine agent={agent} />
          <WorkBeside agent={agent} />
        </div>
      </div>
    </div>
  )
}

function Cards({ agent }: { agent: string }) {
  const pops = useLive((state) => state.pops) ?? NO_POPS
  if (pops.length === 0) return <NoCall agent={agent} />
  return pops.map((pop) => <PopCard key={pop.id} pop={pop} />)
}

function NoCall({ agent }: { agent: string }) {
  const { t } = useI18n()
  const own = useOwn(agent)
  return (
    <div className={classes['quiet']}>
      <EmptyNote
        title={t('desk.quiet')}
        detail={t(QUIET[own?.state ?? ''] ?? 'desk.quiet.notready')}
        icon={<IconHeadset size={22} stroke={1.6} />}
      />
    </div>
  )
}

function StateButtons({ agent }: { agent: string }) {
  const { t } = useI18n()
  const own = useOwn(agent)
  const { busy, ready, notReady, finish } = useStateChange(agent)
  const mustComplete = useMustComplete(agent)
  if (!own) return null
  const { main, notReady: mayLeave } = nextDeeds(own.state)
  return (
    <>
      <StateChip own={own} />
      {main === 'finish' && !mustComplete ? (
        <Button size="sm" loading={busy} onClick={() => void finish()} data-testid="finish-wrap-up">
          {t('desk.finish')}
        </Button>
      ) : null}
      {main === 'ready' || main === 'begin' ? (
        <Button size="sm" loading={busy} onClick={() => void ready()} data-testid="go-ready">
          {t(main === 'begin' ? 'shift.begin' : 'desk.ready')}
        </Button>
      ) : null}
      {mayLeave ? <NotReadyMenu size="sm" busy={busy} choose={(reason) => void notReady(reason)} /> : null}
    </>
  )
}

/** What the agent may expect next, from the queues that agent serves. */
function NextInLine({ agent }: { agent: string }) {
  const { t } = useI18n()
  const queues = useOwn(agent)?.queues ?? []
  const line = useLive((state) => state.floor?.waiting ?? NOBODY) ?? NOBODY
  const mine = line.filter((caller) => queues.length === 0 || queues.includes(caller.queue))
  return (
    <Panel title={t('desk.line')} right={<b className="num">{mine.length}</b>} testId="next-in-line">
      {mine.length === 0 ? (
        <span className="faint">{t('waiting.empty')}</span>
      ) : (
        <ol className={classes['line']}>
          {mine.slice(0, SHOWN_IN_LINE).map((caller) => (
            <li key={`${caller.call} ${caller.queue}`}>
              <TierBadge tier={caller.tier} />
              <span className="cut" title={caller.name ?? undefined}>
                {caller.name ?? t('unit.unknown_caller')}
              </span>
              <span className="faint cut" title={caller.queue}>
                {caller.queue}
              </span>
              <Ticking since={caller.joined_at} />
            </li>
          ))}
        </ol>
      )}
      {mine.length > SHOWN_IN_LINE ? (
        <span className="faint">{t('desk.line.more', { n: mine.length - SHOWN_IN_LINE })}</span>
      ) : null}
    </Panel>
  )
}
