/** Calls and service levels over time. */
import { useComputedColorScheme } from '@mantine/core'
import { useMemo } from 'react'
import type { KpiRow } from '@/api/types'
import { Plot } from '@/common/plot'
import { isTier } from '@/common/tier-badge'
import { day, percent, timeOfDay } from '@/format'
import { useI18n } from '@/i18n'
import { series } from './series'

interface KpiChartProps {
  rows: KpiRow[]
  group: string
  interval: number
}

/** They differ in lightness as well as in hue, for every kind of colour blindness; beyond five they begin again. */
const LIGHT = ['#0f766e', '#e0a100', '#4338ca', '#8a94a3', '#c2553a']
const DARK = ['#2fa99b', '#f0bd3c', '#a5a6ff', '#7d8999', '#f08a6c']
const TIERS_LIGHT: Record<string, string> = {
  platinum: '#4338ca',
  gold: '#f0b429',
  iron: '#64748b',
  lead: '#c9c1b6',
}
const TIERS_DARK: Record<string, string> = {
  platinum: '#a5a6ff',
  gold: '#e5ae2b',
  iron: '#64748b',
  lead: '#4d463f',
}

export default function KpiChart({ rows, group, interval }: KpiChartProps) {
  const { t, word, language } = useI18n()
  const scheme = useComputedColorScheme('light', { getInitialValueInEffect: false })
  const option = useMemo(() => {
    const dark = scheme === 'dark'
    const palette = dark ? DARK : LIGHT
    const ink = dark ? '#a9b3c0' : '#55606f'
    const line = dark ? '#2a333d' : '#e4e7ec'
    const { times, groups, rows: lines } = series(rows, interval)
    const many = new Set(times.map((at) => day(at, language))).size > 1
    const label = (at: number) =>
      interval >= 86_400
        ? day(at, language)
        : many
          ? `${day(at, language)}\n${timeOfDay(at, false)}`
          : timeOfDay(at, false)
    const level = (row: KpiRow | null) =>
      row?.service_level.value == null ? null : row.service_level.value * 100
    const bar = (name: string, color: string | undefined, data: number[]) => ({
      name,
      type: 'bar',
      stack: 'calls',
      data,
      barMaxWidth: 34,
      itemStyle: { color, borderRadius: 2 },
    })
    const curve = (name: string, color: string | undefined, data: (number | null)[], dashed: boolean) => ({
      name,
      type: 'line',
      yAxisIndex: 1,
      data,
      connectNulls: false,
      symbolSize: 6,
      lineStyle: { width: 2, type: dashed ? 'dashed' : 'solid' },
      itemStyle: { color },
      tooltip: {
        valueFormatter: (value: unknown) => (typeof value === 'number' ? percent(value / 100) : '–'),
      },
    })
    const alone = group === 'none'
    const drawn = alone
      ? (() => {
          const only = lines.get('') ?? []
          return [
            bar(
              t('kpi.col.answered'),
              palette[0],
              only.map((row) => row?.answered ?? 0),
            ),
            bar(
              t('kpi.col.abandoned'),
              palette[4],
              only.map((row) => row?.abandoned ?? 0),
            ),
            bar(
              t('kpi.col.flow_out'),
              palette[3],
              only.map((row) => (row?.flow_out ?? 0) + (row?.blocked ?? 0)),
            ),
            curve(t('kpi.col.level'), palette[2], only.map(level), false),
          ]
        })()
      : groups.flatMap((name, index) => {
          const color = (dark ? TIERS_DARK : TIERS_LIGHT)[name] ?? palette[index % palette.length]
          const shown = isTier(name) ? word('tier', name) : name || '–'
          const line = lines.get(name) ?? []
          return [
            bar(
              shown,
              color,
              line.map((row) => row?.offered ?? 0),
            ),
            curve(shown, color, line.map(level), true),
          ]
        })
    return {
      aria: { enabled: true },
      animationDuration: 250,
      textStyle: { color: ink },
      legend: {
        top: 0,
        left: 0,
        type: 'scroll',
        itemGap: 18,
        textStyle: { color: ink },
        icon: 'roundRect',
      },
      grid: { left: 44, right: 50, top: 40, bottom: many && interval < 86_400 ? 38 : 24 },
      tooltip: {
        trigger: 'axis',
        backgroundColor: dark ? '#1f262e' : '#fff',
        borderColor: line,
        textStyle: { color: dark ? '#e8ecf1' : '#17202b', fontSize: 12 },
      },
      xAxis: {
        type: 'category',
        data: times.map(label),
        axisLine: { lineStyle: { color: line } },
        axisTick: { show: false },
        axisLabel: { color: ink, fontSize: 11, hideOverlap: true },
      },
      yAxis: [
        {
          type: 'value',
          minInterval: 1,
          splitLine: { lineStyle: { color: line } },
          axisLabel: { color: ink, fontSize: 11 },
        },
        {
          type: 'value',
          min: 0,
          max: 100,
          splitLine: { show: false },
          axisLabel: { color: ink, fontSize: 11, formatter: '{value}%' },
        },
      ],
      series: drawn,
    }
  }, [rows, group, interval, scheme, language, t, word])

  return <Plot option={option} label={t('kpi.chart')} testId="kpi-canvas" />
}
