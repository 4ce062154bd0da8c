/** Waveform, play, jump, speed. Only the peaks are loaded at first; sound streams by ranges when played. */
import { ActionIcon, SegmentedControl, Tooltip, useComputedColorScheme } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type KeyboardEvent, useCallback, useEffect, useImperativeHandle, useRef, useState } from 'react'
import { api } from '@/api/client'
import {
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconRewindBackward5,
  IconRewindForward5,
} from '@/common/icons'
import { ErrorNote, LoadingNote } from '@/common/states'
import { clock } from '@/format'
import { useI18n } from '@/i18n'
import classes from './player.module.css'
import { startWave, type Wave } from './wave'

export interface PlayerControl {
  /** Where the listener is, in seconds. */
  now(): number
  jump(seconds: number): void
}

interface PlayerProps {
  recording: string
  control?: React.Ref<PlayerControl>
  /** Moments worth a mark, in seconds. */
  marks?: number[]
}

const SPEEDS = ['1', '1.25', '1.5', '2']

export default function Player({ recording, control, marks = [] }: PlayerProps) {
  const { t } = useI18n()
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['peaks', recording],
    queryFn: () => api.peaks(recording),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const scheme = useComputedColorScheme('light', { getInitialValueInEffect: false })
  const place = useRef<HTMLDivElement>(null)
  const wave = useRef<Wave | null>(null)
  const [playing, setPlaying] = useState(false)
  const [now, setNow] = useState(0)
  const [length, setLength] = useState(0)
  const [speed, setSpeed] = useState('1')
  const [broken, setBroken] = useState(false)

  useEffect(() => {
    if (!data || !place.current) return
    setLength(data.duration_seconds)
    setBroken(false)
    const made = startWave(place.current, api.audioAddress(recording), data, scheme === 'dark', {
      time: setNow,
      playing: setPlaying,
      length: setLength,
      failed: () => setBroken(true),
    })
    wave.current = made
    return () => {
      wave.current = null
      made.destroy()
    }
  }, [data, recording, scheme])

  const jump = useCallback((seconds: number) => wave.current?.jump(seconds), [])
  const toggle = useCallback(() => void wave.current?.toggle(), [])
  useImperativeHandle(control, () => ({ now: () => wave.current?.now() ?? 0, jump }), [jump])

  const keys = (event: KeyboardEvent) => {
    if (event.key === ' ') toggle()
    else if (event.key === 'ArrowLeft') jump(now - 5)
    else if (event.key === 'ArrowRight') jump(now + 5)
    else return
    event.preventDefault()
  }

  if (isPending) return <LoadingNote />
  if (error && !data) return <ErrorNote error={error} retry={() => void refetch()} />
  return (
    <div
      className={classes['player']}
      data-testid="player"
      data-playing={playing || undefined}
      data-now={now.toFixed(2)}
    >
      <div
        ref={place}
        className={classes['wave']}
        role="slider"
        tabIndex={0}
        aria-label={t('player.wave')}
        aria-valuemin={0}
        aria-valuemax={Math.round(length)}
        aria-valuenow={Math.round(now)}
        aria-valuetext={clock(now)}
        onKeyDown={keys}
        data-testid="player-wave"
      >
        {marks.map((mark) => (
          <span
            key={mark}
            className={classes['moment']}
            style={{ left: `${length > 0 ? (mark / length) * 100 : 0}%` }}
            aria-hidden="true"
          />
        ))}
      </div>
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
            onClick={() => jump(now - 5)}
            aria-label={t('player.back')}
            data-testid="player-back"
          >
            <IconRewindBackward5 size={19} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={t('player.forward')}>
          <ActionIcon
            size="lg"
            onClick={() => jump(now + 5)}
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
          data={SPEEDS.map((value) => ({ value, label: `${value}×` }))}
          value={speed}
          onChange={(value) => {
            setSpeed(value)
            wave.current?.speed(Number(value))
          }}
        />
      </div>
    </div>
  )
}
