/* What is shown once: with a button that copies it, and the words that it will not come again. */
import { useState, type ReactNode } from 'react';
import { Icon } from './icon';

export function ShownOnce({ label, text, children }: { label: string; text: string; children?: ReactNode }) {
  const [copied, setCopied] = useState(false);
  const copy = () => void navigator.clipboard.writeText(text).then(() => setCopied(true));
  return (
    <div className="once">
      <p className="s t2">{label}</p>
      <div className="once-row">
        <code className="mono" tabIndex={0}>{text}</code>
        <button type="button" className="btn" onClick={copy}><Icon name={copied ? 'check' : 'copy'} />{copied ? 'Copied' : 'Copy'}</button>
      </div>
      <p className="s t2" role="status">{children ?? 'It is shown only now.'}</p>
    </div>
  );
}
