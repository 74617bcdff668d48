import '~/styles/index.css';
import { QueryClientProvider, type QueryClient } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { startTransition, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { newQueryClient, sessionQuery, summaryQuery } from '~/api/queries';
import { ALONE } from '~/shell/gate';
import { UploadProvider } from '~/shell/uploads';
import { ToastProvider } from '~/ui/toast';
import { newRouter, type Router } from './router';

/* An answer that is not there by then is waited for with a page on screen. */
const PATIENCE_MS = 400;

/** The page's code, who asks, and how the month stands: with all three there is one drawing instead of three. */
function ready(queryClient: QueryClient, router: Router): Promise<unknown> {
  const metric = new URLSearchParams(location.search).get('metric') || 'effective_cost';
  const answers = Promise.all([
    queryClient.prefetchQuery(sessionQuery()),
    ALONE.includes(location.pathname) ? null : queryClient.prefetchQuery(summaryQuery(metric)),
  ]);
  const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  return Promise.all([router.load(), Promise.race([answers, patience])]);
}

function draw(queryClient: QueryClient, router: Router): void {
  /* as a transition, so that the first drawing is cut into pieces and a press in between is answered */
  startTransition(() =>
    createRoot(document.getElementById('root')!).render(
      <StrictMode>
        <QueryClientProvider client={queryClient}>
          <ToastProvider>
            <UploadProvider>
              <RouterProvider router={router} />
            </UploadProvider>
          </ToastProvider>
        </QueryClientProvider>
      </StrictMode>,
    ),
  );
}

/* in a task of its own, after the one in which the modules were run */
setTimeout(() => {
  const queryClient = newQueryClient();
  const router = newRouter();
  void ready(queryClient, router).finally(() => draw(queryClient, router));
});
