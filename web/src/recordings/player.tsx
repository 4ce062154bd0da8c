/** Waveform, play, jump, speed. Only the peaks are loaded at first; sound streams by ranges when played. */
import { ActionIcon, SegmentedControl, Tooltip, useComputedColorScheme } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useCallback, useEffect, useImperativeHandle, useMemo, useRef, useState } from 'react'
import { api } from '@/api/client'
import type { RecordingSpan } from '@/api/types'
import {
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconRewindBackward5,
  IconRewindForward5,
} from '@/common/icons'
import { ErrorNote, LoadingNote } from '@/common/states'
import { clock } from '@/format'
import { useI18n } from '@/i18n'
import { judging } from '@/reviews/api'
import classes from './player.module.css'
import { Legend, Sides, SpanLayer } from './span-layer'
import { SPEEDS, shown } from './spans'
import { usePlayerKeys } from './use-player-keys'
import { startWave, type Wave } from './wave'

export interface PlayerControl {
  /** Where the listener is, in seconds. */
  now(): number
  jump(seconds: number): void
  toggle(): void
}

interface PlayerProps {
  recording: string
  /** The agent's own review it is of, for who may hear nothing else. */
  own?: string
  control?: React.Ref<PlayerControl>
  /** Moments worth a mark, in seconds. */
  marks?: number[]
  /** Stretches that were not recorded on purpose. */
  pauses?: RecordingSpan[]
  /** Where to stand at first. */
  startAt?: number | undefined
  /** The key M was pressed at this second. */
  mark?: (seconds: number) => void
  /** Keys work on the whole page, not only in the wave. */
  everywhere?: boolean
}

const NO_MARKS: number[] = []

export default function Player(props: PlayerProps) {
  const { recording, own, control, marks = NO_MARKS, pauses, startAt, mark, everywhere = false } = props
  const { t } = useI18n()
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['peaks', recording],
    queryFn: () => (own ? judging.ownPeaks(own) : api.peaks(recording)),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const heard = useQuery({
    queryKey: ['signals', recording],
    queryFn: () => api.signals(recording),
    enabled: own === undefined,
    staleTime: 60_000,
  })
  const spans = useMemo(() => shown(heard.data?.spans, pauses), [heard.data, pauses])
  const scheme = useComputedColorScheme('light', { getInitialValueInEffect: false })
  const place = useRef<HTMLDivElement>(null)
  const wave = useRef<Wave | null>(null)
  const [playing, setPlaying] = useState(false)
  const [now, setNow] = useState(0)
  const [length, setLength] = useState(0)
  const [speed, setSpeed] = useState(1)
  const rate = useRef(1)
  const [broken, setBroken] = useState(false)
  const lanes = data?.lanes?.length === 2

  useEffect(() => {
    if (!data || !place.current) return
    setLength(data.duration_seconds)
    setBroken(false)
    const listeners = { time: setNow, playing: setPlaying, length: setLength, failed: () => setBroken(true) }
    const address = own ? judging.ownAudioAddress(own) : api.audioAddress(recording)
    const made = startWave(place.current, address, data, scheme === 'dark', listeners, startAt)
    wave.current = made
    made.speed(rate.current)
    return () => {
      wave.current = null
      made.destroy()
    }
  }, [data, recording, own, scheme, startAt])

  const jump = useCallback((seconds: number) => wave.current?.jump(seconds), [])
  const here = useCallback(() => wave.current?.now() ?? 0, [])
  const toggle = useCallback(() => void wave.current?.toggle(), [])
  const rated = useCallback(() => rate.current, [])
  const change = useCallback((faster: number) => {
    rate.current = faster
    setSpeed(faster)
    wave.current?.speed(faster)
  }, [])
  useImperativeHandle(control, () => ({ now: here, jump, toggle }), [here, jump, toggle])
  const keys = usePlayerKeys({ here, jump, toggle, speed: rated, change, mark, length }, everywhere)

  if (isPending) return <LoadingNote />
  if (error && !data) return <ErrorNote error={error} retry={() => void refetch()} />
  return (
    <div
      className={classes['player']}
      data-testid="player"
      data-playing={playing || undefined}
      data-now={now.toFixed(2)}
      data-lanes={lanes || undefined}
    >
      <div className={classes['lanes']}>
        {lanes ? <Sides /> : null}
        <div
          ref={place}
          className={classes['wave']}
          role="slider"
          tabIndex={0}
          aria-label={t('player.wave')}
          aria-keyshortcuts="Space ArrowLeft ArrowRight [ ] M"
          aria-valuemin={0}
          aria-valuemax={Math.round(length)}
          aria-valuenow={Math.round(now)}
          aria-valuetext={clock(now)}
          onKeyDown={everywhere ? undefined : keys}
          data-testid="player-wave"
        >
          <SpanLayer spans={spans} length={length} />
          {marks.map((at) => (
            <span
              key={at}
              className={classes['moment']}
              style={{ left: `${length > 0 ? (at / length) * 100 : 0}%` }}
              aria-hidden="true"
            />
          ))}
        </div>
      </div>
      <Legend spans={spans} now={here} jump={jump} />
      <div className={classes['bar']}>
        <ActionIcon
          size={38}
          radius="xl"
          variant="filled"
          color="accent"
          onClick={toggle}
          aria-label={t(playing ? 'player.pause' : 'player.play')}
          data-testid="player-play"
        >
          {playing ? <IconPlayerPauseFilled size={18} /> : <IconPlayerPlayFilled size={18} />}
        </ActionIcon>
        <Tooltip label={t('player.back')}>
          <ActionIcon
            size="lg"
            onClick={() => jump(here() - 5)}
            aria-label={t('player.back')}
            data-testid="player-back"
          >
            <IconRewindBackward5 size={19} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={t('player.forward')}>
          <ActionIcon
            size="lg"
            onClick={() => jump(here() + 5)}
            aria-label={t('player.forward')}
            data-testid="player-forward"
          >
            <IconRewindForward5 size={19} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
        <span className={`${classes['time']} num`} data-testid="player-time">
          {clock(now)} <span className="faint">/ {clock(length)}</span>
        </span>
        {broken ? (
          <span className={classes['broken']} role="alert" data-testid="player-failed">
            {t('player.failed')}
          </span>
        ) : null}
        <SegmentedControl
          ml="auto"
          aria-label={t('player.speed')}
          data={SPEEDS.map((value) => ({ value: String(value), label: `${value}×` }))}
          value={String(speed)}
          onChange={(value) => change(Number(value))}
        />
      </div>
    </div>
  )
}
