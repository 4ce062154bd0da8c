/** Providers outside, routes inside; heavy pages are loaded when they are opened. */
import { MantineProvider } from '@mantine/core'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { createBrowserRouter, RouterProvider } from 'react-router'
import { ApiError } from '@/api/client'
import { NoticeProvider } from '@/common/notice'
import { LoadingNote } from '@/common/states'
import { LanguageProvider } from '@/i18n'
import { SessionProvider } from '@/session/session'
import { Crashed, Home, Missing } from '@/shell/fallbacks'
import { Shell } from '@/shell/shell'
import { SoftphoneProvider } from '@/softphone/provider'
import { LiveProvider } from '@/stream/live'
import { Presence } from './agent-work/presence'
import { FloorPage } from './floor/page'
import { theme } from './theme'

const DeskPage = lazy(() => import('./desk/page'))
const CallsPage = lazy(() => import('./calls/page'))
const CallPage = lazy(() => import('./calls/detail'))
const RecordingsPage = lazy(() => import('./recordings/page'))
const RecordingPage = lazy(() => import('./recordings/recording'))
const SharedPage = lazy(() => import('./recordings/shared'))
const ReviewsPage = lazy(() => import('./reviews/page'))
const SatisfactionPage = lazy(() => import('./reviews/satisfaction'))
const ReportsPage = lazy(() => import('./reviews/reports/page'))
const ScorecardsPage = lazy(() => import('./reviews/scorecards/page'))
const ScorecardEditorPage = lazy(() => import('./reviews/scorecards/editor'))
const ScoringPage = lazy(() => import('./reviews/scoring'))
const CoveragePage = lazy(() => import('./reviews/coverage'))
const CalibrationPage = lazy(() => import('./reviews/calibration'))
const DisputesPage = lazy(() => import('./reviews/disputes'))
const CoachingPage = lazy(() => import('./reviews/coaching'))
const OwnReviewPage = lazy(() => import('./reviews/own-review'))
const CarePage = lazy(() => import('./care/page'))
const CustomersPage = lazy(() => import('./customers/page'))
const CustomerPage = lazy(() => import('./customers/detail'))
const KpiPage = lazy(() => import('./kpi/page'))
const AccountPage = lazy(() => import('./account/page'))
const UsersPage = lazy(() => import('./users/page'))
const AuditPage = lazy(() => import('./audit/page'))
const ListeningPage = lazy(() => import('./audit/listening'))
const KeepingPage = lazy(() => import('./keeping/page'))
const RoutingPage = lazy(() => import('./routing/page'))
const OperationsPage = lazy(() => import('./operations/page'))
const WallPage = lazy(() => import('./wall/page'))

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (failures, error) =>
        failures < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
    },
  },
})

const router = createBrowserRouter([
  {
    path: 'wall', // a screen of its own, without the frame
    element: (
      <Suspense fallback={<LoadingNote tall />}>
        <WallPage />
      </Suspense>
    ),
    errorElement: <Crashed />,
  },
  {
    element: <Shell />,
    errorElement: <Crashed />,
    children: [
      { index: true, element: <Home /> },
      {
        errorElement: <Crashed />,
        children: [
          { path: 'floor', element: <FloorPage /> },
          { path: 'desk', element: <DeskPage /> },
          { path: 'calls', element: <CallsPage /> },
          { path: 'calls/:id', element: <CallPage /> },
          { path: 'recordings', element: <RecordingsPage /> },
          { path: 'recordings/:id', element: <RecordingPage /> },
          { path: 'recordings/shared/:secret', element: <SharedPage /> },
          { path: 'reviews', element: <ReviewsPage /> },
          { path: 'reviews/satisfaction', element: <SatisfactionPage /> },
          { path: 'reviews/coverage', element: <CoveragePage /> },
          { path: 'reviews/calibration', element: <CalibrationPage /> },
          { path: 'reviews/disputes', element: <DisputesPage /> },
          { path: 'reviews/coaching', element: <CoachingPage /> },
          { path: 'reviews/reports', element: <ReportsPage /> },
          { path: 'reviews/scorecards', element: <ScorecardsPage /> },
          { path: 'reviews/scorecards/edit', element: <ScorecardEditorPage /> },
          { path: 'reviews/scorecards/edit/:id', element: <ScorecardEditorPage /> },
          { path: 'reviews/:id', element: <ScoringPage /> },
          { path: 'own-reviews/:id', element: <OwnReviewPage /> },
          { path: 'care', element: <CarePage /> },
          { path: 'customers', element: <CustomersPage /> },
          { path: 'customers/:id', element: <CustomerPage /> },
          { path: 'kpi', element: <KpiPage /> },
          { path: 'routing', element: <RoutingPage /> },
          { path: 'operations', element: <OperationsPage /> },
          { path: 'account', element: <AccountPage /> },
          { path: 'users', element: <UsersPage /> },
          { path: 'audit', element: <AuditPage /> },
          { path: 'audit/listening', element: <ListeningPage /> },
          { path: 'keeping', element: <KeepingPage /> },
          { path: '*', element: <Missing /> },
        ],
      },
    ],
  },
])

export function App() {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <LanguageProvider>
        <QueryClientProvider client={client}>
          <NoticeProvider>
            <SessionProvider>
              <LiveProvider>
                <SoftphoneProvider>
                  <Presence />
                  <RouterProvider router={router} />
                </SoftphoneProvider>
              </LiveProvider>
            </SessionProvider>
          </NoticeProvider>
        </QueryClientProvider>
      </LanguageProvider>
    </MantineProvider>
  )
}
