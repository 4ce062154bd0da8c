/** The frame: menu left, live mark and person above, page below. */
import { ActionIcon, Tooltip } from '@mantine/core'
import { useLocalStorage, useMediaQuery } from '@mantine/hooks'
import { Suspense } from 'react'
import { NavLink, Outlet, useLocation } from 'react-router'
import { IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand } from '@/common/icons'
import { LoadingNote } from '@/common/states'
import { PopDock } from '@/desk/pop-dock'
import { LinkBanner } from '@/floor/link-banner'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import { Shortcuts } from '@/softphone/shortcuts'
import { NAV } from './nav'
import classes from './shell.module.css'
import { TopBar } from './top-bar'

export function Shell() {
  const { may, user } = useSession()
  const { t } = useI18n()
  const { pathname } = useLocation()
  const narrow = useMediaQuery('(max-width: 1100px)', false, { getInitialValueInEffect: false })
  const [folded, setFolded] = useLocalStorage({
    key: 'tierline.menu-folded',
    defaultValue: false,
    getInitialValueInEffect: false,
  })
  const small = folded || narrow

  return (
    <div className={classes['frame']} data-small={small || undefined}>
      <a href="#content" className="skip">
        {t('nav.skip')}
      </a>
      <aside className={classes['side']}>
        <div className={classes['brand']}>
          <img src="/favicon.svg" alt="" width={26} height={26} />
          {small ? null : <span>{t('app.name')}</span>}
        </div>
        <nav aria-label={t('nav.main')} className={classes['nav']}>
          {NAV.filter((entry) => may(entry.needs)).map((entry) => (
            <Tooltip key={entry.path} label={t(entry.text)} position="right" disabled={!small}>
              <NavLink
                to={entry.path}
                className={classes['link'] ?? ''}
                data-testid={`nav-${entry.path.slice(1)}`}
                aria-label={t(entry.text)}
              >
                <entry.icon size={19} stroke={1.7} />
                {small ? null : <span className="cut">{t(entry.text)}</span>}
              </NavLink>
            </Tooltip>
          ))}
        </nav>
        <ActionIcon
          className={classes['fold'] ?? ''}
          aria-label={t(folded ? 'nav.expand' : 'nav.collapse')}
          onClick={() => setFolded(!folded)}
          display={narrow ? 'none' : undefined}
        >
          {folded ? <IconLayoutSidebarLeftExpand size={18} /> : <IconLayoutSidebarLeftCollapse size={18} />}
        </ActionIcon>
      </aside>
      <div className={classes['main']}>
        <TopBar />
        <main id="content" tabIndex={-1} className={classes['content']}>
          <LinkBanner />
          <Suspense fallback={<LoadingNote tall />} key={pathname.split('/')[1]}>
            <Outlet />
          </Suspense>
        </main>
      </div>
      <PopDock />
      {user.agent ? <Shortcuts agent={user.agent} /> : null}
    </div>
  )
}
