import { Link } from 'react-router';

import { Notice } from '../components/frame/Notice.tsx';
import { PageFrame } from '../components/frame/PageFrame.tsx';

/** For an address that is none of ours. */
export function NotFound() {
  return (
    <PageFrame title="Not found">
      <Notice kind="error" title="There is no such page">
        <Link to="/" className="underline">
          All services
        </Link>
      </Notice>
    </PageFrame>
  );
}
