import {
  ActionIcon,
  Menu,
  Tooltip,
  UnstyledButton,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core'
import { useState } from 'react'
import { Link } from 'react-router'
import { IconLogout, IconMoon, IconSun, IconUserCog } from '@/common/icons'
import { useNotice } from '@/common/notice'
import { OwnStateButton } from '@/desk/own-state'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import { BeforeLeaving } from '@/softphone/before-leaving'
import { CallBar } from '@/softphone/call-bar'
import { PhoneMark } from '@/softphone/mark'
import { usePhoneState, useSoftphone } from '@/softphone/provider'
import { RecordingAlerts } from '@/softphone/recording'
import { LiveMark } from './live-mark'
import classes from './top-bar.module.css'

export function TopBar() {
  const { user } = useSession()
  return (
    <header className={classes['bar']}>
      <LiveMark />
      <span className={classes['space']} />
      <CallBar />
      <RecordingAlerts />
      <PhoneMark />
      {user.agent ? <OwnStateButton agent={user.agent} /> : null}
      <LanguageSwitch />
      <SchemeSwitch />
      <Person />
    </header>
  )
}

export function LanguageSwitch() {
  const { t, language, setLanguage } = useI18n()
  return (
    <Tooltip label={t('language.switch')}>
      <ActionIcon
        size="lg"
        data-testid="language-switch"
        aria-label={t('language.switch')}
        onClick={() => setLanguage(language === 'zh' ? 'en' : 'zh')}
      >
        <span className={classes['letter']}>{t('language.short')}</span>
      </ActionIcon>
    </Tooltip>
  )
}

export function SchemeSwitch() {
  const { t } = useI18n()
  const { setColorScheme } = useMantineColorScheme()
  const scheme = useComputedColorScheme('light', { getInitialValueInEffect: false })
  const label = t(scheme === 'dark' ? 'scheme.light' : 'scheme.dark')
  return (
    <Tooltip label={label}>
      <ActionIcon
        size="lg"
        data-testid="scheme-switch"
        aria-label={label}
        onClick={() => setColorScheme(scheme === 'dark' ? 'light' : 'dark')}
      >
        {scheme === 'dark' ? <IconSun size={18} stroke={1.7} /> : <IconMoon size={18} stroke={1.7} />}
      </ActionIcon>
    </Tooltip>
  )
}

function Person() {
  const { user, signOut } = useSession()
  const { attempt } = useNotice()
  const { t, word } = useI18n()
  const phone = useSoftphone()
  const call = usePhoneState()?.call
  const [asked, setAsked] = useState(false)
  const leave = () => {
    if (call) setAsked(true)
    else void attempt(signOut)
  }
  return (
    <>
      <Menu position="bottom-end" shadow="md" width={190}>
        <Menu.Target>
          <UnstyledButton className={classes['person'] ?? ''} title={user.name} data-testid="user-menu">
            <span className={classes['face']} aria-hidden="true">
              {[...user.name][0]?.toUpperCase()}
            </span>
            <span className={classes['who']}>
              <span className="cut">{user.name}</span>
              <span className="faint cut">{word('role', user.role)}</span>
            </span>
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            component={Link}
            to="/account"
            leftSection={<IconUserCog size={16} />}
            data-testid="own-account"
          >
            {t('account.title')}
          </Menu.Item>
          <Menu.Item leftSection={<IconLogout size={16} />} onClick={leave} data-testid="sign-out">
            {t('signout')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {asked && phone && call ? (
        <BeforeLeaving
          phone={phone}
          call={call}
          close={() => setAsked(false)}
          signOut={() => attempt(signOut)}
        />
      ) : null}
    </>
  )
}
