/** A call's timeline in the reader's words: agents by name, the switch's words translated. */
import type { TimelineEntry } from '@/api/types'
import { useAgentName } from '@/common/agent-name'
import { useI18n } from '@/i18n'
import { directionKey } from './page'

export function useStory(entries: TimelineEntry[]): TimelineEntry[] {
  const { t, word } = useI18n()
  const nameOf = useAgentName()
  const told = ({ what, detail }: TimelineEntry): string => {
    const [first = '', ...others] = detail.split(' ')
    switch (what) {
      case 'CallOffered':
        return detail ? t(directionKey(detail)) : ''
      case 'VisitEnded':
        return detail ? word('outcome', detail) : ''
      case 'CallDelivered':
      case 'CallEstablished':
      case 'SegmentEnded':
      case 'CallHeld':
      case 'CallRetrieved':
        return detail && nameOf(detail)
      case 'CallDiverted':
        return [nameOf(first), ...others.map((state) => word('offer', state))].join(' · ')
      case 'CallTransferred':
        return [word('transfer', first), others.map(nameOf).join(' ')].filter(Boolean).join(' · ')
      default:
        return detail
    }
  }
  return entries.map((entry) => ({ ...entry, detail: told(entry) }))
}
