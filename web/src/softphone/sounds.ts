/** Ringing, the test tone and the level meter, made by Web Audio on the device that was chosen. */
import { playOn } from './devices'

const RING_EVERY_MS = 3000
/** A browser that does not allow it never says so. */
const PLAYS_WITHIN_MS = 800
const RING_NOTES = [
  [0, 659],
  [0.18, 784],
  [0.36, 988],
  [0.9, 659],
  [1.08, 784],
  [1.26, 988],
] as const

function note(context: AudioContext, out: AudioNode, at: number, hertz: number, seconds: number): void {
  const swing = context.createOscillator()
  const loud = context.createGain()
  swing.frequency.value = hertz
  loud.gain.setValueAtTime(0, at)
  loud.gain.linearRampToValueAtTime(0.3, at + 0.02)
  loud.gain.linearRampToValueAtTime(0, at + seconds)
  swing.connect(loud).connect(out)
  swing.start(at)
  swing.stop(at + seconds)
}

/** A context that is heard on a device of choice: browsers let elements choose, not contexts. */
class Output {
  readonly context = new AudioContext()
  readonly node = this.context.createMediaStreamDestination()
  private readonly element = new Audio()

  async open(device: string): Promise<boolean> {
    this.element.srcObject = this.node.stream
    await playOn(this.element, device)
    return this.play()
  }

  /** False when the browser stays silent, as it does before a page is touched for the first time. */
  async play(): Promise<boolean> {
    const runs = this.context.resume().then(
      () => true,
      () => true, // closed meanwhile: nothing is to be heard
    )
    const late = new Promise<boolean>((done) => setTimeout(() => done(false), PLAYS_WITHIN_MS))
    const played = this.element.play().then(
      () => true,
      (error: unknown) => !isForbidden(error),
    )
    return (await played) && (await Promise.race([runs, late]))
  }

  close(): void {
    this.element.srcObject = null
    void this.context.close().catch(() => undefined)
  }
}

/** Whether the browser plays nothing because nobody has touched the page yet. */
export function isForbidden(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'NotAllowedError'
}

/** Once, at the next touch of the page or key. */
export function whenTouched(act: () => void): void {
  for (const touch of ['pointerdown', 'keydown']) window.addEventListener(touch, act, { once: true })
}

export class Ringer {
  private output: Output | null = null
  private timer: ReturnType<typeof setInterval> | undefined

  /** `silent`: nothing is heard, for nobody has touched the page yet. */
  constructor(private readonly silent: () => void = () => undefined) {}

  get ringing(): boolean {
    return this.output !== null
  }

  start(device: string): void {
    if (this.output) return
    const output = new Output()
    this.output = output
    void output.open(device).then((heard) => {
      if (!heard && this.output === output) this.silent()
    })
    const ring = () => {
      for (const [after, hertz] of RING_NOTES)
        note(output.context, output.node, output.context.currentTime + after, hertz, 0.17)
    }
    ring()
    this.timer = setInterval(ring, RING_EVERY_MS)
  }

  resume(): void {
    void this.output?.play()
  }

  stop(): void {
    clearInterval(this.timer)
    this.output?.close()
    this.output = null
  }
}

export async function testTone(device: string): Promise<void> {
  const output = new Output()
  await output.open(device)
  note(output.context, output.node, output.context.currentTime + 0.05, 660, 0.9)
  await new Promise((done) => setTimeout(done, 1200))
  output.close()
}

/** Calls back about ten times a second with the loudness, 0 to 1; gives the function that ends it. */
export function meter(stream: MediaStream, tell: (level: number) => void): () => void {
  const context = new AudioContext()
  const analyser = context.createAnalyser()
  analyser.fftSize = 1024
  context.createMediaStreamSource(stream).connect(analyser)
  const wave = new Float32Array(analyser.fftSize)
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(wave)
    const power = wave.reduce((sum, value) => sum + value * value, 0) / wave.length
    tell(Math.min(1, Math.max(0, 1 + Math.log10(Math.sqrt(power) + 1e-6) / 2.5)))
  }, 100)
  return () => {
    clearInterval(timer)
    void context.close().catch(() => undefined)
  }
}
