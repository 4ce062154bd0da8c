/** Icon and tone of each agent state: shape, colour and words say the same thing. */
import type { ComponentType } from 'react'
import type { AgentState } from '@/api/types'
import {
  IconBell,
  IconCheck,
  IconPencil,
  IconPhoneCall,
  IconPlayerPause,
  IconPlugConnectedX,
  IconPower,
} from '@/common/icons'

export const STATE_ICONS: Record<
  AgentState,
  ComponentType<{ size?: number | string; stroke?: number | string }>
> = {
  ready: IconCheck,
  not_ready: IconPlayerPause,
  ringing: IconBell,
  busy: IconPhoneCall,
  working_after_call: IconPencil,
  unreachable: IconPlugConnectedX,
  logged_off: IconPower,
}

/** Those in motion first, those away last. */
export const STATE_ORDER: AgentState[] = [
  'ringing',
  'busy',
  'working_after_call',
  'ready',
  'not_ready',
  'unreachable',
  'logged_off',
]
