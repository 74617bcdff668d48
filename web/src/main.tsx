import '~/styles/index.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { startTransition, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { newQueryClient } from '~/api/queries';
import { UploadProvider } from '~/shell/uploads';
import { ToastProvider } from '~/ui/toast';
import { newRouter } from './router';

const queryClient = newQueryClient();
const router = newRouter();

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
