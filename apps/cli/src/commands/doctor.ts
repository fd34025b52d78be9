import type { Command } from 'commander';
import type { Finding } from '../doctor/check.js';
import { checkBackends } from '../doctor/check-backends.js';
import {
	checkBuild,
	checkDisk,
	checkInstance,
	checkNode,
	checkPlatform,
	checkPorts,
	checkPostgres,
} from '../doctor/check-machine.js';
import { checkStore } from '../doctor/check-store.js';
import { readEnv } from '../env.js';
import { printJson, printLines } from '../terminal/output.js';
import { colorDepthOf, styleFor } from '../terminal/style.js';
import { renderTable } from '../terminal/table.js';
import { parsePort, resolvePlatform } from './platform-flags.js';

interface DoctorFlags {
	readonly data?: string;
	readonly port?: number;
	readonly json?: boolean;
}

export function addDoctor(program: Command): void {
	program
		.command('doctor')
		.description(
			'Say what of this machine Graft can use, and why not the rest. Exit code 1: something essential is missing.',
		)
		.option('--data <dir>', 'data directory to look at (default: .graft in the checkout)')
		.option('--port <n>', 'port of the API to look at (default: 4620)', parsePort)
		.option('--json', 'print the findings as JSON')
		.action(doctor);
}

async function doctor(flags: DoctorFlags): Promise<void> {
	const { dataDir, port, dashboardPort } = resolvePlatform({ ...flags, trainers: 0 });
	const { finding: instance, running } = await checkInstance(dataDir);
	const findings = [
		checkNode(process.versions.node),
		checkPlatform(),
		checkBuild(),
		await checkPostgres(readEnv().hasDatabaseUrl),
		await checkDisk(dataDir),
		await checkStore(dataDir),
		await checkPorts([port, dashboardPort], running),
		instance,
		...(await checkBackends(dataDir)),
	];
	const ok = findings.every(({ state }) => state !== 'fail');
	if (flags.json) printJson({ ok, findings });
	else printLines(findingLines(findings));
	process.exitCode = ok ? 0 : 1;
}

function findingLines(findings: readonly Finding[]): string[] {
	const { bold, dim, bad } = styleFor(colorDepthOf(process.stdout));
	const words = { ok: 'ok', note: 'note', fail: bad('FAIL') } as const;
	const rows = findings.flatMap(({ name, state, says, advice }) => [
		[words[state], bold(name), says],
		...(advice ? [['', '', dim(advice)]] : []),
	]);
	const columns = [
		{ title: '', align: 'left' },
		{ title: '', align: 'left' },
		{ title: '', align: 'left' },
	] as const;
	return renderTable(columns, rows).slice(1);
}
