/** The only file that knows wavesurfer.js. */
import WaveSurfer from 'wavesurfer.js'
import type { Peaks } from '@/api/types'

export interface Wave {
  now(): number
  jump(seconds: number): void
  toggle(): Promise<void>
  speed(rate: number): void
  destroy(): void
}

interface Listeners {
  time(seconds: number): void
  playing(on: boolean): void
  length(seconds: number): void
  failed(): void
}

const COLOURS = {
  light: { waveColor: '#b9c3cf', progressColor: '#0f766e', cursorColor: '#0c625c' },
  dark: { waveColor: '#475363', progressColor: '#2fa99b', cursorColor: '#7bcec3' },
}

export function startWave(
  place: HTMLElement,
  address: string,
  peaks: Peaks,
  dark: boolean,
  tell: Listeners,
): Wave {
  const sound = new Audio()
  sound.preload = 'metadata'
  sound.src = address
  const surfer = WaveSurfer.create({
    container: place,
    media: sound,
    // the first channel is drawn upwards, the second downwards: highest above, lowest below
    peaks: [
      Float32Array.from(peaks.points, ([, high]) => high),
      Float32Array.from(peaks.points, ([low]) => low),
    ],
    duration: peaks.duration_seconds,
    height: 76,
    barWidth: 2,
    barGap: 1.5,
    barRadius: 2,
    cursorWidth: 2,
    normalize: true,
    dragToSeek: true,
    ...COLOURS[dark ? 'dark' : 'light'],
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
    now: () => surfer.getCurrentTime(),
    jump: (seconds) => surfer.setTime(Math.min(Math.max(0, seconds), surfer.getDuration())),
    toggle: () => surfer.playPause().catch(() => tell.failed()),
    speed: (rate) => surfer.setPlaybackRate(rate, true),
    destroy: () => {
      sound.pause()
      surfer.destroy()
    },
  }
}
