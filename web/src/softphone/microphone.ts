/** The microphone, opened once for all calls: each call sends a copy, so that one can be muted and the other heard. */
import { chosen } from './devices'

export type Refusal = 'denied' | 'nomic'

export class Microphone {
  private stream: MediaStream | null = null
  private readonly copies = new Set<MediaStreamTrack>()

  /** `gone`: the device was unplugged while it was in use. */
  constructor(private readonly gone: () => void) {}

  get label(): string {
    return this.stream?.getAudioTracks()[0]?.label ?? ''
  }

  /** A copy of its sound. Throws a Refusal. */
  async copy(): Promise<MediaStreamTrack> {
    this.stream ??= await open(chosen().microphone)
    const track = this.stream.getAudioTracks()[0]
    if (!track) throw 'nomic' satisfies Refusal
    track.onended = () => this.gone()
    const copy = track.clone()
    this.copies.add(copy)
    return copy
  }

  /** The copy is no longer needed; with the last one the device is let go. */
  release(copy: MediaStreamTrack): void {
    copy.stop()
    this.copies.delete(copy)
    if (this.copies.size === 0) this.close()
  }

  /** Another device from the next copy on. */
  close(): void {
    for (const track of this.stream?.getTracks() ?? []) {
      track.onended = null
      track.stop()
    }
    this.stream = null
  }
}

async function open(device: string): Promise<MediaStream> {
  const wish = { echoCancellation: true, noiseSuppression: true, autoGainControl: true }
  try {
    return await ask(device ? { ...wish, deviceId: { exact: device } } : wish)
  } catch (refusal) {
    if (refusal !== 'nomic' || !device) throw refusal
    return await ask(wish) // the chosen one is not plugged in today
  }
}

async function ask(audio: MediaTrackConstraints): Promise<MediaStream> {
  if (!navigator.mediaDevices) throw 'denied' satisfies Refusal // only secure pages have a microphone
  try {
    return await navigator.mediaDevices.getUserMedia({ audio, video: false })
  } catch (error) {
    const denied = error instanceof DOMException && /NotAllowed|Security/.test(error.name)
    throw (denied ? 'denied' : 'nomic') satisfies Refusal
  }
}
