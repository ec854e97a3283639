import { useEffect, useId, useRef, useState } from 'react';
import type { ReactNode, RefObject } from 'react';

export interface MenuProps {
  /** What its button says. */
  readonly label: ReactNode;
  /** What its button is called where that says too little. */
  readonly name?: string;
  /** Whether something in it was chosen. */
  readonly active?: boolean;
  /** What its button says to whoever points at it. */
  readonly title?: string;
  /** Holds its button, for whoever presses it by a key. */
  readonly button?: RefObject<HTMLButtonElement | null>;
  readonly children: (close: () => void) => ReactNode;
}

/** A button that opens something below it. Esc and a click elsewhere close it; the button has the focus again. */
export function Menu({ label, name, active = false, title, button: given, children }: MenuProps) {
  const [open, setOpen] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const own = useRef<HTMLButtonElement>(null);
  const button = given ?? own;
  const id = useId();
  useEffect(() => {
    if (!open) return;
    const onDown = (event: PointerEvent) => {
      if (event.target instanceof Node && !place.current?.contains(event.target)) setOpen(false);
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      setOpen(false);
      button.current?.focus();
    };
    document.addEventListener('pointerdown', onDown);
    document.addEventListener('keydown', onKey, true);
    return () => {
      document.removeEventListener('pointerdown', onDown);
      document.removeEventListener('keydown', onKey, true);
    };
  }, [open, button]);
  return (
    <div className="log-menu" ref={place}>
      <button
        ref={button}
        type="button"
        className="log-button"
        aria-expanded={open}
        aria-controls={id}
        aria-label={name}
        title={title}
        data-active={active || undefined}
        onClick={() => setOpen(!open)}
      >
        {label} <span aria-hidden="true">▾</span>
      </button>
      {open && (
        <div className="log-menu-content" id={id}>
          {children(() => setOpen(false))}
        </div>
      )}
    </div>
  );
}
