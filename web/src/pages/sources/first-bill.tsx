/* The first minute: no bill yet. One box, two ways in. */
import { useUpload } from '~/shell/use-upload';
import { May } from '~/shell/may';
import { DropBox } from '~/ui/transfer';
import { UploadCard } from './parts/upload-box';

export function Uploads({ first }: { first?: boolean }) {
  return <May needs={['files.write', 'imports.write']}><Box first={first} /></May>;
}

function Box({ first }: { first: boolean | undefined }) {
  const upload = useUpload();
  const { view } = upload;
  const busy = view !== null && ['sending', 'reading', 'storing'].includes(view.phase);
  return (
    <>
      <DropBox busy={busy} title={first ? 'Drop a bill here to begin' : 'Drop files or a folder here'} label="Bills to read" onFiles={upload.send} ink={first === true && view === null}>
        AWS CUR, Azure EA and MCA, Google Cloud, Oracle, and FOCUS of anybody; CSV, JSON lines, Parquet, packed or not. Any other
        CSV, once you say what its columns mean. It is read first and stored when you say so.
      </DropBox>
      {view ? <UploadCard upload={upload} view={view} /> : null}
    </>
  );
}

export function FirstBill() {
  return (
    <div className="page start">
      <h1>No bill here yet. <span>Load the first one; it stays on this machine.</span></h1>
      <Uploads first />
      <p className="s t2">On the command line: <span className="mono">farthing ingest PATH</span></p>
      <p className="s t2">Just looking? <span className="mono">farthing demo-data DIR</span> makes the bill of a company that does not exist.</p>
    </div>
  );
}
