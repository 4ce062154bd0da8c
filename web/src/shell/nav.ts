/** What stands in the menu, and the permission that opens it. */
import type { ComponentType } from 'react'
import type { Permission } from '@/api/types'
import {
  IconActivityHeartbeat,
  IconCalculator,
  IconClipboardCheck,
  IconHeadset,
  IconHistory,
  IconLayoutDashboard,
  IconPhone,
  IconPhoneCall,
  IconRoute,
  IconShieldCheck,
  IconUserCog,
  IconUsers,
  IconWaveSine,
} from '@/common/icons'
import type { TextKey } from '@/i18n'

export interface NavEntry {
  path: string
  text: TextKey
  icon: ComponentType<{ size?: number | string; stroke?: number | string }>
  needs: Permission
}

export const NAV: NavEntry[] = [
  { path: '/desk', text: 'nav.desk', icon: IconHeadset, needs: 'use_desk' },
  { path: '/floor', text: 'nav.floor', icon: IconLayoutDashboard, needs: 'see_floor' },
  { path: '/calls', text: 'nav.calls', icon: IconPhone, needs: 'see_calls' },
  { path: '/recordings', text: 'nav.recordings', icon: IconWaveSine, needs: 'listen' },
  { path: '/reviews', text: 'nav.reviews', icon: IconClipboardCheck, needs: 'review' },
  { path: '/care', text: 'nav.care', icon: IconPhoneCall, needs: 'care' },
  { path: '/customers', text: 'nav.customers', icon: IconUsers, needs: 'see_customers' },
  { path: '/kpi', text: 'nav.kpi', icon: IconCalculator, needs: 'see_floor' },
  { path: '/routing', text: 'nav.routing', icon: IconRoute, needs: 'see_routing' },
  { path: '/operations', text: 'nav.operations', icon: IconActivityHeartbeat, needs: 'see_operations' },
  { path: '/users', text: 'nav.users', icon: IconUserCog, needs: 'administer' },
  { path: '/keeping', text: 'nav.keeping', icon: IconShieldCheck, needs: 'administer' },
  { path: '/audit', text: 'nav.audit', icon: IconHistory, needs: 'administer' },
]
