import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { childEnv } from '../env.js';
import { PROGRAMS } from '../platform/paths.js';
import { type Finding, failed, found } from './check.js';

const run = promisify(execFile);
const NAME = 'artifact store';

/** Where artifacts lie, and whether they can lie there, asked of the API's program: GRAFT_S3_BUCKET names a bucket. */
export async function checkStore(dataDir: string): Promise<Finding> {
	try {
		const options = { env: childEnv({ GRAFT_DATA_DIR: dataDir }), timeout: 60_000 };
		const { stdout } = await run(process.execPath, [PROGRAMS.api, 'check-store'], options);
		return found(NAME, (JSON.parse(stdout) as { says: string }).says);
	} catch (error) {
		const { stderr = '', message } = error as { stderr?: string; message: string };
		return failed(
			NAME,
			stderr.trim() || message,
			'Correct GRAFT_S3_* and AWS_*, or unset GRAFT_S3_BUCKET: the local disk.',
		);
	}
}
