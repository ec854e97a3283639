import { useEffect, useRef } from 'react';

import { SHORTCUTS } from './use-shortcuts.ts';

/** Lists the keys. Esc closes it, and the browser gives the focus back. */
export function KeyHelp({ onClose }: { readonly onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className="log-help" aria-label="Keys" onClose={onClose}>
      <h2>Keys</h2>
      <dl>
        {SHORTCUTS.map(({ keys, does }) => (
          <div key={does}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit" className="log-button">
          Close
        </button>
      </form>
    </dialog>
  );
}
