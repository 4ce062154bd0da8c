/** The three dots of a row and the menu behind them. */
import { ActionIcon, Menu } from '@mantine/core'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { IconDots } from '@/common/icons'

interface RowMenuProps {
  label: string
  testId: string
  /** Its items. */
  children: ReactNode
}

/** The menu is made when first asked for: those of hundreds of rows would cost more than the rows. */
export function RowMenu({ label, testId, children }: RowMenuProps) {
  const [asked, setAsked] = useState(false)
  const button = { size: 'sm', 'aria-label': label, 'data-testid': testId, children: <IconDots size={16} /> }
  if (asked) return <MadeMenu button={button} items={children} />
  return <ActionIcon {...button} aria-haspopup="menu" aria-expanded={false} onClick={() => setAsked(true)} />
}

/** Opens with the focus on its button, where it goes back when the menu is closed. */
function MadeMenu({ button, items }: { button: object; items: ReactNode }) {
  const [opened, setOpened] = useState(false)
  const target = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    target.current?.focus()
    setOpened(true)
  }, [])
  return (
    <Menu opened={opened} onChange={setOpened} position="bottom-end" shadow="md" width={250}>
      <Menu.Target>
        <ActionIcon {...button} ref={target} />
      </Menu.Target>
      <Menu.Dropdown>{items}</Menu.Dropdown>
    </Menu>
  )
}
