/** One recording: who with whom, the two lanes, what was heard, what people wrote to it, what its review says where. */
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useCallback, useMemo, useRef } from 'react'
import { Link, useParams, useSearchParams } from 'react-router'
import { api } from '@/api/client'
import type { RecordingDetail, RecordingSpan } from '@/api/types'
import { AgentName } from '@/common/agent-name'
import { BackLink } from '@/common/back-link'
import { useNotice } from '@/common/notice'
import { PageHead, Panel } from '@/common/panel'
import { ErrorNote, LoadingRows } from '@/common/states'
import { TierBadge } from '@/common/tier-badge'
import { RecordingBadge } from '@/common/word-badge'
import { clock, dayAndTime } from '@/format'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import { Moments, useReviewMoments } from './moments'
import { Notes, useNotes, useWriteNote } from './notes'
import Player, { type PlayerControl } from './player'
import classes from './recording.module.css'
import { ShareButton } from './share'
import { SignalsPanel } from './signals'

export default function RecordingPage() {
  const { id = '' } = useParams()
  const { t } = useI18n()
  const { data, error, refetch } = useQuery({ queryKey: ['recording', id], queryFn: () => api.recording(id) })
  return (
    <>
      <BackLink to="/recordings">{t('recordings.title')}</BackLink>
      {data ? (
        <Whole key={data.id} recording={data} />
      ) : error ? (
        <ErrorNote error={error} retry={() => void refetch()} tall />
      ) : (
        <LoadingRows rows={6} height={48} />
      )}
    </>
  )
}

function Whole({ recording }: { recording: RecordingDetail }) {
  const { t, language } = useI18n()
  const { may } = useSession()
  const player = useRef<PlayerControl>(null)
  const now = useCallback(() => player.current?.now() ?? 0, [])
  const jump = useCallback((seconds: number) => player.current?.jump(seconds), [])
  const stored = recording.state === 'stored'
  return (
    <div data-testid="recording" data-recording={recording.id}>
      <PageHead
        title={t('recording.title')}
        note={
          <span className={classes['about']}>
            <TierBadge tier={recording.tier} />
            <span>{recording.queue}</span>
            <span>
              {t('filter.agent')} <AgentName agent={recording.agent} />
            </span>
            <span className="faint num">
              {dayAndTime(recording.started_at, language)} · {clock(recording.duration_seconds)}
            </span>
          </span>
        }
        right={
          <>
            {may('see_calls') ? (
              <Button component={Link} variant="default" to={`/calls/${encodeURIComponent(recording.call)}`}>
                {t('recordings.call')}
              </Button>
            ) : null}
            {recording.review && may('review') ? (
              <Button
                component={Link}
                variant="light"
                to={`/reviews/${encodeURIComponent(recording.review)}`}
              >
                {t('recordings.review')}
              </Button>
            ) : null}
            {stored ? <ShareButton recording={recording.id} now={now} /> : null}
          </>
        }
      />
      {stored ? (
        <Sound recording={recording} player={player} now={now} jump={jump} />
      ) : (
        <Panel>
          <RecordingBadge state={recording.state} /> <span className="quiet">{recording.reason}</span>
        </Panel>
      )}
    </div>
  )
}

/** A pause that nobody ended lasts to the end; one of which nobody knows the place is not shown. */
function paused({ pauses, duration_seconds: length }: RecordingDetail): RecordingSpan[] {
  return pauses.flatMap(({ start, stop }) => (start === null ? [] : [[start, stop ?? length ?? start]]))
}

interface SoundProps {
  recording: RecordingDetail
  player: React.RefObject<PlayerControl | null>
  now(): number
  jump(seconds: number): void
}

function Sound({ recording, player, now, jump }: SoundProps) {
  const { t } = useI18n()
  const { say } = useNotice()
  const [params] = useSearchParams()
  const startAt = Number(params.get('t')) || undefined
  const notes = useNotes(recording.id)
  const write = useWriteNote(recording.id)
  const pauses = useMemo(() => paused(recording), [recording])
  const answers = useReviewMoments(recording.review)
  const marks = useMemo(() => {
    const all = [...(notes.data?.items ?? []).map((note) => note.at_seconds), ...answers.map(({ at }) => at)]
    return [...new Set(all)]
  }, [notes.data, answers])
  const mark = async (at: number) => {
    if (await write(at, '')) say(t('recording.notes.marked', { at: clock(at) }))
  }
  return (
    <div className={classes['stack']}>
      <Panel testId="recording-player">
        <Player
          recording={recording.id}
          control={player}
          marks={marks}
          pauses={pauses}
          startAt={startAt}
          mark={(at) => void mark(at)}
          everywhere
        />
        <p className={`${classes['keys']} faint`}>{t('recording.keys')}</p>
      </Panel>
      <div className={classes['columns']}>
        <div className={classes['stack']}>
          <Notes recording={recording.id} now={now} jump={jump} />
          {answers.length > 0 ? <Moments moments={answers} jump={jump} /> : null}
        </div>
        <SignalsPanel recording={recording.id} />
      </div>
    </div>
  )
}
