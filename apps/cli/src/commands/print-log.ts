import { RunLogDocument, type RunLogQuery } from '@graft/client/gql';
import { createGraftClient, type GraftClient } from '@graft/client/node';
import { GraftError } from '@graft/domain/error';
import { printJson, printLines } from '../terminal/output.js';
import { resolveApi } from './platform-flags.js';

interface LogFlags {
	readonly api?: string;
	readonly json?: boolean;
	readonly search?: string;
}
interface Line {
	readonly number: number;
	readonly line: string;
}

const PAGE = 1_000;

/** Prints a run's log as it is read, page by page; as JSON all of it in one object. */
export async function printLog(id: string, { api, json, search }: LogFlags): Promise<void> {
	const client = createGraftClient({ url: resolveApi(api) });
	try {
		const lines: Line[] = [];
		for await (const page of pagesOf(client, id, search ?? null)) {
			if (json) lines.push(...page);
			else printLines(page.map(({ number, line }) => `${String(number).padStart(7)}  ${line}`));
		}
		if (json) printJson({ lines });
	} finally {
		await client.close();
	}
}

async function* pagesOf(client: GraftClient, id: string, search: string | null): AsyncGenerator<readonly Line[]> {
	for (let after: string | null = null; ; ) {
		const { run }: RunLogQuery = await client.request(RunLogDocument, { id, after, first: PAGE, search });
		if (!run) throw new GraftError('CONFIGURATION', `There is no run ${id}. graft runs list shows the newest.`);
		const last = run.logLines.at(-1);
		if (last === undefined) return;
		yield run.logLines.map(({ number, line }) => ({ number, line }));
		if (run.logLines.length < PAGE) return;
		after = last.cursor;
	}
}
