/** Which microphone, loudspeaker and ringer this browser uses; remembered here, for devices belong to the desk. */
export interface Chosen {
  microphone: string
  speaker: string
  ringer: string
}
export interface Device {
  id: string
  label: string
}

const KEPT = 'tierline.devices'
/** Empty: whatever the system calls its standard. */
const STANDARD: Chosen = { microphone: '', speaker: '', ringer: '' }

export function chosen(): Chosen {
  try {
    return { ...STANDARD, ...(JSON.parse(localStorage.getItem(KEPT) ?? '{}') as Partial<Chosen>) }
  } catch {
    return STANDARD
  }
}

export function choose(part: Partial<Chosen>): void {
  localStorage.setItem(KEPT, JSON.stringify({ ...chosen(), ...part }))
}

/** Labels are empty until the microphone was allowed once. */
export async function devices(): Promise<{ inputs: Device[]; outputs: Device[] }> {
  const all = (await navigator.mediaDevices?.enumerateDevices()) ?? []
  const of = (kind: MediaDeviceKind) =>
    all
      .filter((one) => one.kind === kind && one.deviceId && one.deviceId !== 'default')
      .map((one) => ({ id: one.deviceId, label: one.label }))
  return { inputs: of('audioinput'), outputs: of('audiooutput') }
}

/** By its label, for the statistics of sound: no name of a device leaves the browser. */
export function deviceKind(label: string): 'bluetooth' | 'usb' | 'built_in' | 'other' {
  if (/bluetooth|airpods|hands-?free|\bBT\b/i.test(label)) return 'bluetooth'
  if (/\busb\b|jabra|plantronics|poly|logitech|sennheiser|epos|\([0-9a-f]{4}:[0-9a-f]{4}\)/i.test(label))
    return 'usb'
  if (/built-?in|internal|realtek|内置/i.test(label)) return 'built_in'
  return 'other'
}

/** Where the element is heard; browsers that cannot choose play on their standard. */
export async function playOn(element: HTMLAudioElement, device: string): Promise<boolean> {
  try {
    await element.setSinkId?.(device)
    return true
  } catch {
    await element.setSinkId?.('').catch(() => undefined)
    return false
  }
}
