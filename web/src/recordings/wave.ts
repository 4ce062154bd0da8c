/** The only file that knows wavesurfer.js. */
import WaveSurfer from 'wavesurfer.js'
import type { Peaks } from '@/api/types'

export interface Wave {
  now(): number
  jump(seconds: number): void
  toggle(): Promise<void>
  /** The pitch of voices stays. */
  speed(rate: number): void
  destroy(): void
}

interface Listeners {
  time(seconds: number): void
  playing(on: boolean): void
  length(seconds: number): void
  failed(): void
}

/** Pixels of a wave in one lane, and of each of two. */
export const WHOLE_HEIGHT = 76
export const LANE_HEIGHT = 52

const COLOURS = {
  light: { waveColor: '#b9c3cf', progressColor: '#0f766e', cursorColor: '#0c625c' },
  dark: { waveColor: '#475363', progressColor: '#2fa99b', cursorColor: '#7bcec3' },
}
const OF_CUSTOMER = {
  light: { waveColor: '#bcb9ea', progressColor: '#4338ca' },
  dark: { waveColor: '#4a4a78', progressColor: '#a5a6ff' },
}

export function startWave(
  place: HTMLElement,
  address: string,
  peaks: Peaks,
  dark: boolean,
  tell: Listeners,
  startAt = 0,
): Wave {
  const sound = new Audio()
  sound.preload = 'metadata'
  sound.preservesPitch = true
  sound.src = address
  const scheme = dark ? 'dark' : 'light'
  const surfer = WaveSurfer.create({
    container: place,
    media: sound,
    duration: peaks.duration_seconds,
    barWidth: 2,
    barGap: 1.5,
    barRadius: 2,
    cursorWidth: 2,
    normalize: true,
    dragToSeek: true,
    ...COLOURS[scheme],
    ...drawn(peaks, scheme),
  })
  // Where to stand once the sound is known. The element is moved itself: wavesurfer's setTime forgets a second jump
  // that comes while the first is on its way.
  let wanted = startAt > 0 ? startAt : null
  const jump = (seconds: number) => {
    const to = Math.min(Math.max(0, seconds), surfer.getDuration())
    const known = sound.readyState >= HTMLMediaElement.HAVE_METADATA
    wanted = known ? null : to
    if (known) sound.currentTime = to
    tell.time(to)
  }
  sound.addEventListener('loadedmetadata', () => {
    if (wanted !== null) sound.currentTime = wanted
    wanted = null
  })
  surfer.on('timeupdate', (seconds) => tell.time(seconds))
  surfer.on('seeking', (seconds) => tell.time(seconds))
  surfer.on('play', () => tell.playing(true))
  surfer.on('pause', () => tell.playing(false))
  surfer.on('finish', () => tell.playing(false))
  surfer.on('error', () => tell.failed())
  sound.addEventListener('error', () => tell.failed())
  sound.addEventListener('durationchange', () => {
    if (Number.isFinite(sound.duration)) tell.length(sound.duration)
  })
  return {
    now: () => wanted ?? surfer.getCurrentTime(),
    jump,
    toggle: () => surfer.playPause().catch(() => tell.failed()),
    speed: (rate) => surfer.setPlaybackRate(rate, true),
    destroy: () => {
      sound.pause()
      surfer.destroy()
    },
  }
}

/** Two sides in a lane each, the customer's above; one voice with its highest above and its lowest below. */
function drawn(peaks: Peaks, scheme: 'light' | 'dark') {
  if (peaks.lanes?.length === 2) {
    const loudness = (lane: [number, number][]) =>
      Float32Array.from(lane, ([low, high]) => Math.max(Math.abs(low), Math.abs(high)))
    return {
      peaks: peaks.lanes.map(loudness),
      height: LANE_HEIGHT,
      splitChannels: [
        { height: LANE_HEIGHT, ...OF_CUSTOMER[scheme] },
        { height: LANE_HEIGHT, ...COLOURS[scheme] },
      ],
    }
  }
  return {
    peaks: [
      Float32Array.from(peaks.points, ([, high]) => high),
      Float32Array.from(peaks.points, ([low]) => low),
    ],
    height: WHOLE_HEIGHT,
  }
}
