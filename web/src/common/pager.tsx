import { ActionIcon } from '@mantine/core'
import { PAGE_SIZE } from '@/api/client'
import { useI18n } from '@/i18n'
import classes from './filters.module.css'
import { IconChevronLeft, IconChevronRight } from './icons'

interface PagerProps {
  total: number
  offset: number
  move: (offset: number) => void
}

export function Pager({ total, offset, move }: PagerProps) {
  const { t } = useI18n()
  if (total === 0) return null
  const until = Math.min(total, offset + PAGE_SIZE)
  const several = total > PAGE_SIZE
  return (
    <nav className={classes['pager']} data-testid="pager">
      <span className="faint num">{t('pager.of', { from: offset + 1, to: until, total })}</span>
      {several ? (
        <>
          <ActionIcon
            aria-label={t('pager.previous')}
            disabled={offset === 0}
            onClick={() => move(Math.max(0, offset - PAGE_SIZE))}
          >
            <IconChevronLeft size={16} />
          </ActionIcon>
          <ActionIcon
            aria-label={t('pager.next')}
            disabled={until >= total}
            onClick={() => move(offset + PAGE_SIZE)}
          >
            <IconChevronRight size={16} />
          </ActionIcon>
        </>
      ) : null}
    </nav>
  )
}
