/** Stretches of a recording, and what a listener may jump to. Pure. */
import type { HeardSpans, RecordingSpan } from '@/api/types'

/** In the order of the legend. */
export const KINDS = ['talk_over', 'silence', 'hold', 'pause'] as const
export type SpanKind = (typeof KINDS)[number]
export type Shown = Record<SpanKind, RecordingSpan[]>

export const NOTHING_SHOWN: Shown = { talk_over: [], silence: [], hold: [], pause: [] }

export function shown(spans: HeardSpans | undefined, pauses: RecordingSpan[] = []): Shown {
  if (!spans) return { ...NOTHING_SHOWN, pause: pauses }
  return { talk_over: spans.talk_over, silence: spans.silence, hold: spans.hold, pause: pauses }
}

/** The first that begins behind `now`; behind the last it begins again. A listener stands a moment before it. */
export function following(spans: RecordingSpan[], now: number): number | null {
  const [first] = spans
  if (!first) return null
  const next = spans.find(([began]) => began - LEAD_SECONDS > now + SLACK_SECONDS) ?? first
  return Math.max(0, next[0] - LEAD_SECONDS)
}

/** What led to it should be heard. */
const LEAD_SECONDS = 1
const SLACK_SECONDS = 0.25

/** Per cent of the whole, for a place in the wave. */
export function place([began, ended]: RecordingSpan, length: number): { left: string; width: string } {
  if (length <= 0) return { left: '0%', width: '0%' }
  const left = Math.min(100, (began / length) * 100)
  const width = Math.min(100 - left, ((ended - began) / length) * 100)
  return { left: `${left.toFixed(3)}%`, width: `${Math.max(0, width).toFixed(3)}%` }
}

export const SPEEDS = [0.75, 1, 1.25, 1.5, 2]

/** The next faster or slower of them. */
export function speedBeside(speed: number, step: 1 | -1): number {
  const at = SPEEDS.indexOf(speed)
  return SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, at + step))] ?? 1
}
