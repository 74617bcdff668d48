/* Does a file keep to FOCUS? Dropped here, judged rule by rule; nothing goes into the ledger. */
import { jobFile } from '~/api/queries';
import type { FocusJob, FocusReport, Problem } from '~/api/types';
import { bytesText, count, countOf } from '~/lib/money';
import { FOCUS_VERSIONS } from '~/lib/search';
import { filesText } from '~/lib/words';
import { May } from '~/shell/may';
import { Icon } from '~/ui/icon';
import { Note, Segmented } from '~/ui/parts';
import { HeadlineToCome, Skeleton } from '~/ui/states';
import { DropBox, Progress, jobText } from '~/ui/transfer';
import { Files, Findings, NotChecked } from './parts/report';
import { useValidation } from './use-validation';
import { verdict } from './words';

const AS_IT_SAYS = 'auto';

type Validating = ReturnType<typeof useValidation>;

export function FocusPage() {
  const validation = useValidation();
  const { phase, job } = validation;
  if (phase === 'looking')
    return (
      <div className="page" aria-busy="true">
        <div className="head"><div><HeadlineToCome /></div></div>
        <Skeleton height={320} />
      </div>
    );
  if (phase === 'done' && job?.result) return <Report validation={validation} job={job} report={job.result} />;
  return (
    <div className="page start">
      <h1>Does a file keep to FOCUS? <span>Drop it here; it is checked and thrown away, the ledger stays as it is.</span></h1>
      <Ask validation={validation} first />
      {phase === 'sending' || phase === 'checking' ? <Under validation={validation} /> : null}
      {phase === 'failed' ? <Broken problem={validation.problem} onAgain={validation.again} /> : null}
      <p className="s t2">On the command line: <span className="mono">farthing focus validate FILE…</span></p>
    </div>
  );
}

function Ask({ validation, first }: { validation: Validating; first?: boolean }) {
  const { phase, version, pick, send } = validation;
  const busy = phase === 'sending' || phase === 'checking';
  return (
    <>
      <Segmented
        label="Version of FOCUS"
        value={version ?? AS_IT_SAYS}
        options={[[AS_IT_SAYS, 'As the columns say'], ...FOCUS_VERSIONS.map((v) => [v, v] as const)]}
        onChange={(v) => pick(v === AS_IT_SAYS ? undefined : v)}
      />
      <May needs={['files.write']}>
        <DropBox busy={busy} title={first ? 'Drop FOCUS files or a folder here' : 'Check other files'} label="Files to check" onFiles={send} ink={first === true && phase === 'none'}>
          FOCUS 1.0 to 1.4; CSV, gzip, zstd, Parquet; any size. Datasets that belong together are checked together.
        </DropBox>
      </May>
    </>
  );
}

function Under({ validation }: { validation: Validating }) {
  const { sending, job, cancel } = validation;
  return (
    <div className="upload" aria-label="Check">
      <div className="flex items-center gap-2">
        <Icon name="file" />
        <b className="b ell">{filesText(sending?.names ?? [])}</b>
        <span className="grow" />
        <span className="tag">{sending ? 'Sending' : 'Checking'}</span>
      </div>
      {sending ? (
        <Progress value={sending.bytes ? sending.sent / sending.bytes : null} text={`${bytesText(sending.sent)} of ${bytesText(sending.bytes)}`} />
      ) : (
        <Progress value={job?.progress ?? null} text={jobText(job, 'Checking')} />
      )}
      <button type="button" className="btn mt-2" onClick={cancel}>Cancel</button>
    </div>
  );
}

function Broken({ problem, onAgain }: { problem: Problem; onAgain: () => void }) {
  return (
    <div className="upload" role="alert">
      <p className="bad b">{problem.title}</p>
      <p className="s t2">{problem.detail}</p>
      {problem.hint ? <p className="s t2">{problem.hint}</p> : null}
      {problem.request_id ? <p className="mono t3">req {problem.request_id}</p> : null}
      <button type="button" className="btn mt-2" onClick={onAgain}>Close</button>
    </div>
  );
}

function Downloads({ id }: { id: string }) {
  const forms = [['report.html', 'HTML'], ['report.xml', 'JUnit'], ['report.json', 'JSON']] as const;
  return (
    <div className="flex flex-wrap gap-2 pt-2">
      {forms.map(([name, text]) => (
        <a key={name} className="btn" href={jobFile(id, name)} download={name}>
          <Icon name="download" />
          {text}
        </a>
      ))}
    </div>
  );
}

function Report({ validation, job, report }: { validation: Validating; job: FocusJob; report: FocusReport }) {
  const words = verdict(report);
  const unknown = report.files.filter((f) => f.dataset === null);
  return (
    <div className="page">
      <div className="head">
        <div>
          <h1>{words.fact} <span>{words.sense}</span></h1>
          <p className="s t2 n">{countOf(report.rules.passed, 'rule holds', 'rules hold')} in {countOf(report.rows, 'row')} of {report.files.length === 1 ? report.files[0]!.path : `${count(report.files.length)} files`}</p>
        </div>
        <Downloads id={job.id} />
      </div>
      {unknown.length ? (
        <Note>
          {unknown.map((f) => f.path).join(', ')} {unknown.length === 1 ? 'is no file' : 'are no files'} of FOCUS: the columns are those of no dataset. What is said here is of the others.
        </Note>
      ) : null}
      <div className="cols cols-b">
        <div>
          <div className="grid gap-7">
            <Findings findings={report.findings} />
            <NotChecked outcomes={report.outcomes} />
          </div>
        </div>
        <div className="grid content-start gap-7">
          <Files files={report.files} />
          <div className="grid justify-items-start gap-2"><Ask validation={validation} /></div>
        </div>
      </div>
    </div>
  );
}
