/** Two languages, one typed table; a missing translation does not compile. */
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react'
import type { Language, Words } from '@/api/types'
import { plainWords } from '@/format'
import { access } from './text/access'
import { care } from './text/care'
import { common } from './text/common'
import { control } from './text/control'
import { floor } from './text/floor'
import { judging } from './text/judging'
import { keeping } from './text/keeping'
import { listening } from './text/listening'
import { phone } from './text/phone'
import { quality } from './text/quality'
import { records } from './text/records'
import { reports } from './text/reports'
import { routing } from './text/routing'
import { scorecards } from './text/scorecards'
import { wall } from './text/wall'
import { work } from './text/work'

const TEXT = {
  ...common,
  ...control,
  ...floor,
  ...records,
  ...quality,
  ...scorecards,
  ...reports,
  ...access,
  ...wall,
  ...work,
  ...care,
  ...routing,
  ...phone,
  ...judging,
  ...listening,
  ...keeping,
}
export type TextKey = keyof typeof TEXT
export type Params = Record<string, string | number>

const KEPT = 'tierline.language'

/** `{n}`, and where a noun is counted `{n|call|calls}`. */
function filled(text: string, params: Params): string {
  return text.replace(
    /\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g,
    (whole, name: string, one?: string, many?: string) => {
      const value = params[name]
      if (value === undefined) return whole
      return many === undefined ? String(value) : `${value} ${Number(value) === 1 ? one : many}`
    },
  )
}

export function translate(language: Language, key: TextKey, params?: Params): string {
  const text: string = TEXT[key][language === 'zh' ? 1 : 0]
  return params ? filled(text, params) : text
}

export function isTextKey(key: string): key is TextKey {
  return Object.hasOwn(TEXT, key)
}

export interface I18n {
  language: Language
  setLanguage(language: Language): void
  t(key: TextKey, params?: Params): string
  /** A word the server chose (`outcome.timeout`), translated when known, readable when not. */
  word(area: string, name: string | null | undefined): string
  /** Text the server holds in both languages. */
  words(text: Words | string | null | undefined): string
}

const Context = createContext<I18n | null>(null)

function firstLanguage(): Language {
  const kept = localStorage.getItem(KEPT)
  if (kept === 'zh' || kept === 'en') return kept
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en'
}

export function hasChosenLanguage(): boolean {
  return localStorage.getItem(KEPT) !== null
}

export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, set] = useState<Language>(firstLanguage)
  const setLanguage = useCallback((next: Language) => {
    localStorage.setItem(KEPT, next)
    set(next)
  }, [])
  useEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en'
  }, [language])
  const value = useMemo<I18n>(
    () => ({
      language,
      setLanguage,
      t: (key, params) => translate(language, key, params),
      word: (area, name) => {
        if (!name) return '–'
        const key = `${area}.${name}`
        return isTextKey(key) ? translate(language, key) : plainWords(name)
      },
      words: (text) =>
        text === null || text === undefined
          ? ''
          : typeof text === 'string'
            ? text
            : text[language] || text.en,
    }),
    [language, setLanguage],
  )
  return <Context value={value}>{children}</Context>
}

export function useI18n(): I18n {
  const value = useContext(Context)
  if (!value) throw new Error('useI18n stands outside LanguageProvider')
  return value
}
