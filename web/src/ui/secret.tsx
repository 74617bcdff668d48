/* What is shown once: with a button that copies it, and the words that it will not come again. */
import { useRef, useState, type ReactNode } from 'react';
import { copyText } from './copy';
import { Icon } from './icon';

export function ShownOnce({ label, text, children }: { label: string; text: string; children?: ReactNode }) {
  const [copied, setCopied] = useState<boolean | null>(null);
  const shown = useRef<HTMLElement>(null);
  const copy = () =>
    void copyText(text).then(
      () => setCopied(true),
      () => {
        setCopied(false);
        if (shown.current) getSelection()?.selectAllChildren(shown.current);
      },
    );
  return (
    <div className="once">
      <p className="s t2">{label}</p>
      <div className="once-row">
        <code ref={shown} className="mono" tabIndex={0}>{text}</code>
        <button type="button" className="btn" onClick={copy}><Icon name={copied ? 'check' : 'copy'} />{copied ? 'Copied' : 'Copy'}</button>
      </div>
      <p className="s t2" role="status">
        {copied === false ? 'The browser does not let it be copied from here; it is selected, copy it by keys. ' : ''}
        {children ?? 'It is shown only now.'}
      </p>
    </div>
  );
}
