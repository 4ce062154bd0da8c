/** Calls a number that stands on the screen: by the softphone where there is one, else by the server and the desk phone. */
import { api } from '@/api/client'
import type { Softphone } from './phone'
import { dialled, leadsOutside } from './state'

/** Which telephone takes the call, or why none does: `busy` with another one, `away` from the switch. */
export type Taken = 'softphone' | 'server' | 'busy' | 'away'

/** Numbers out of the house go by the server, which has the number policy. Throws ApiError when it refuses. */
export async function dial(number: string, phone: Softphone | null): Promise<Taken> {
  const wanted = dialled(number)
  if (!phone) {
    await api.make(wanted)
    return 'server'
  }
  const { registration, call } = phone.snapshot()
  if (call) return 'busy'
  if (registration !== 'registered') return 'away'
  if (!leadsOutside(wanted)) return (await phone.call(wanted)) ? 'softphone' : 'busy'
  const forget = phone.expect(wanted)
  try {
    await api.make(wanted)
    return 'softphone'
  } catch (error) {
    forget()
    throw error
  }
}
