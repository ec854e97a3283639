import type { ClientError } from '@kubidu/client';

import { Notice } from '../components/frame/Notice.tsx';

/** Why a page shows nothing, in words for people. `what` is what was asked for, like `the service web`. */
export function ErrorNotice({ error, what }: { readonly error: ClientError; readonly what: string }) {
  switch (error.code) {
    case 'NOT_FOUND':
      return (
        <Notice kind="error" title={`There is no sign of ${what}`}>
          It has not written anything yet, its logs are older than they are kept, or you may not see it. This page looks
          again by itself.
        </Notice>
      );
    case 'FORBIDDEN':
      return (
        <Notice kind="error" title={`You may not see ${what}`}>
          Your token does not name it. Ask whoever runs this server for one that does.
        </Notice>
      );
    case 'UNREACHABLE':
      return (
        <Notice kind="error" title="The server does not answer">
          It may be restarting, or the network is away. This page tries again by itself.
        </Notice>
      );
    case 'UNAUTHENTICATED':
      return <Notice kind="error" title="Sign in to see this" />;
    default:
      return (
        <Notice kind="error" title={`Something is wrong with ${what}`}>
          {error.message}
          {error.requestId !== undefined && <> (request {error.requestId})</>}
        </Notice>
      );
  }
}
