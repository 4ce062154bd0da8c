/** Measures one call every few seconds from the browser's own WebRTC counters. */
import { mos, type Sample } from './mos'

const EVERY_MS = 3000
/** An hour and a half of samples; of a longer call the newest are kept. */
const MOST = 1800

interface Counters {
  lost: number
  received: number
}

/** One reading, and the counters the next one is held against; null while nothing flows. */
export function read(
  report: Iterable<Record<string, unknown>>,
  before: Counters,
): { sample: Sample; counters: Counters } | null {
  const all = [...report]
  const number = (value: unknown) => (typeof value === 'number' ? value : null)
  const inbound = all.find((one) => one['type'] === 'inbound-rtp' && one['kind'] === 'audio')
  if (!inbound) return null
  const received = number(inbound['packetsReceived']) ?? 0
  const lost = Math.max(0, number(inbound['packetsLost']) ?? 0)
  const came = received - before.received
  if (came <= 0) return null // on hold, or cut off: silence says nothing about the line
  const missed = Math.max(0, lost - before.lost)
  const lossPercent = (100 * missed) / (came + missed)
  const jitterMs = 1000 * (number(inbound['jitter']) ?? 0)
  const remote = all.find((one) => one['type'] === 'remote-inbound-rtp' && one['kind'] === 'audio')
  const pair = all.find((one) => one['type'] === 'candidate-pair' && one['nominated'] === true)
  const trip = number(remote?.['roundTripTime']) ?? number(pair?.['currentRoundTripTime'])
  const rttMs = trip === null ? null : 1000 * trip
  const codec = all.find((one) => one['type'] === 'codec' && one['id'] === inbound['codecId'])
  const name = String(codec?.['mimeType'] ?? '').replace(/^audio\//i, '')
  const sample = { jitterMs, lossPercent, rttMs, codec: name, mos: mos(jitterMs, lossPercent, rttMs) }
  return { sample, counters: { lost, received } }
}

export class Measurement {
  readonly samples: Sample[]
  private counters: Counters = { lost: 0, received: 0 }
  private readonly timer: ReturnType<typeof setInterval>

  constructor(
    private readonly connection: RTCPeerConnection,
    earlier: Sample[],
    private readonly tell: (sample: Sample) => void,
  ) {
    this.samples = [...earlier]
    this.timer = setInterval(() => void this.look(), EVERY_MS)
  }

  stop(): void {
    clearInterval(this.timer)
  }

  private async look(): Promise<void> {
    const report = await this.connection.getStats().catch(() => null)
    if (!report) return
    const rows: Record<string, unknown>[] = []
    report.forEach((row: Record<string, unknown>) => {
      rows.push(row)
    })
    const seen = read(rows, this.counters)
    if (!seen) return
    this.counters = seen.counters
    this.samples.push(seen.sample)
    if (this.samples.length > MOST) this.samples.shift()
    this.tell(seen.sample)
  }
}
