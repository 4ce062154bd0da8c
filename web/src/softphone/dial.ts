/** Calls a number that stands on the screen: by the softphone where there is one, else by the server and the desk phone. */
import { api } from '@/api/client'
import type { Softphone } from './phone'
import { dialled } from './state'

/** Which telephone takes the call; `server` rings the agent first. Throws ApiError when the server refuses. */
export async function dial(number: string, phone: Softphone | null): Promise<'softphone' | 'server'> {
  const wanted = dialled(number)
  if (phone?.snapshot().registration === 'registered') {
    await phone.call(wanted)
    return 'softphone'
  }
  await api.make(wanted, crypto.randomUUID()) // the key makes one call of a double click
  return 'server'
}
