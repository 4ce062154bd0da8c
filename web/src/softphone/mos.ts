/**
 * What people would say of a call's sound, estimated from what the network did to it. Pure.
 *
 * R follows the E-model (ITU-T G.107) with its default values and the usual simplification of the delay term
 * (R. G. Cole, J. H. Rosenbluth, "Voice over IP performance monitoring", 2001); the opinion score of an R is Annex B of
 * G.107. Equipment values are those of G.113 Appendix I for G.711 with loss concealment; Opus has no published value and is
 * taken as its equal, which is careful rather than kind.
 */

/** One measurement of some seconds. */
export interface Sample {
  jitterMs: number
  /** Packets that did not come, of 100. */
  lossPercent: number
  rttMs: number | null
  codec: string
  mos: number
}

/** A whole call in a few numbers, as the server keeps it. */
export interface Summary {
  jitter_ms: number
  jitter_worst_ms: number
  loss_percent: number
  rtt_ms: number | null
  mos: number
  mos_worst: number
  codec: string
  device: string
  seconds: number
}

/** R without delay and loss: all of G.107 at its default values. */
const R_DEFAULT = 93.2
/** Robustness of G.711 with concealment against random loss (G.113, Appendix I). */
const LOSS_ROBUSTNESS = 25.1
/** A packet, and the buffer that hides the jitter: twice the jitter. */
const PACKET_MS = 20

export function delayImpairment(oneWayMs: number): number {
  return 0.024 * oneWayMs + (oneWayMs > 177.3 ? 0.11 * (oneWayMs - 177.3) : 0)
}

export function lossImpairment(lossPercent: number): number {
  return (95 * lossPercent) / (lossPercent + LOSS_ROBUSTNESS)
}

/** Mean opinion score, 1 to 4.5, of a transmission rating. */
export function opinion(r: number): number {
  if (r <= 0) return 1
  if (r >= 100) return 4.5
  return 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6
}

export function mos(jitterMs: number, lossPercent: number, rttMs: number | null): number {
  const oneWay = (rttMs ?? 0) / 2 + 2 * jitterMs + PACKET_MS
  return opinion(R_DEFAULT - delayImpairment(oneWay) - lossImpairment(lossPercent))
}

/** How many people are satisfied (G.109): the word beside the meter. */
export function grade(score: number): 'good' | 'fair' | 'poor' {
  if (score >= 4.0) return 'good'
  return score >= 3.1 ? 'fair' : 'poor'
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2
}

const rounded = (value: number, digits = 1) => Number(value.toFixed(digits))

/** Null when nothing was measured: a call of a few seconds has no quality to speak of. */
export function summary(samples: Sample[], device: string, seconds: number): Summary | null {
  const last = samples.at(-1)
  if (!last) return null
  const trips = samples.flatMap((one) => (one.rttMs === null ? [] : [one.rttMs]))
  const jitters = samples.map((one) => one.jitterMs)
  const loss = samples.reduce((sum, one) => sum + one.lossPercent, 0) / samples.length
  const scores = samples.map((one) => one.mos)
  return {
    jitter_ms: rounded(median(jitters)),
    jitter_worst_ms: rounded(Math.max(...jitters)),
    loss_percent: rounded(loss, 2),
    rtt_ms: trips.length ? rounded(median(trips)) : null,
    mos: rounded(median(scores), 2),
    mos_worst: rounded(Math.min(...scores), 2),
    codec: last.codec,
    device,
    seconds: Math.round(seconds),
  }
}
