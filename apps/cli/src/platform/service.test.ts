import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PROGRAMS } from './paths.js';
import { type Service, startService } from './service.js';

let dir: string;
const services: Service[] = [];
beforeEach(async () => {
	dir = await mkdtemp(path.join(tmpdir(), 'graft-service-'));
});
afterEach(async () => {
	await Promise.all(services.splice(0).map((service) => service.stop()));
	await rm(dir, { recursive: true });
});

const READY = `console.log(JSON.stringify({ ready: true, pid: process.pid }));`;

/** Starts a tiny real program and keeps what was said about it. */
async function start(source: string, stopMs = 5_000) {
	const program = path.join(dir, 'program.mjs');
	await writeFile(program, source);
	const said: string[] = [];
	const service = startService(
		{ name: 'program', program, env: process.env, ready: { kind: 'line' }, stopMs },
		{ logDir: path.join(dir, 'logs'), say: (line) => said.push(line), restartDelayMs: () => 10 },
	);
	services.push(service);
	return { service, said };
}

function lives(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
}

describe('startService', () => {
	it('is ready with what the ready line says, and logs stderr to a file', async () => {
		const { service } = await start(`console.error('hello log'); ${READY} setInterval(() => {}, 1000);`);
		expect(await service.ready).toMatchObject({ ready: true, pid: service.pid() });
		expect(await readFile(service.logPath, 'utf8')).toContain('hello log');
	});

	it('starts a crashed program again, with a line that says so', async () => {
		const { service, said } = await start(`${READY} setInterval(() => {}, 1000);`);
		await service.ready;
		const first = service.pid() ?? 0;
		process.kill(first, 'SIGKILL');
		await expect.poll(() => said, { timeout: 5_000 }).toHaveLength(2);
		expect(said[0]).toContain('program ended unexpectedly (SIGKILL); starting it again.');
		expect(said[1]).toBe('program is up again.');
		expect(service.pid()).not.toBe(first);
	});

	it('starts again what somebody ended, but not a drained trainer', async () => {
		const ended = await start(`${READY} setTimeout(() => process.exit(0), 20);`);
		await ended.service.ready;
		await expect.poll(() => ended.said[1], { timeout: 5_000 }).toBe('program is up again.');
		const drained = await start(`${READY} setTimeout(() => process.exit(3), 20);`);
		await drained.service.ready;
		await expect.poll(() => drained.said, { timeout: 5_000 }).toEqual(['program is drained and has ended.']);
	});

	it('fails with the last words of a program that never got up', async () => {
		const { service } = await start(
			`console.error('{"level":50}'); console.error('The disk is full.'); process.exit(1);`,
		);
		await expect(service.ready).rejects.toMatchObject({
			code: 'UNAVAILABLE',
			message: expect.stringMatching(/^program did not start\.\nThe disk is full\.\nIts log: /),
		});
	});

	it('stops with SIGTERM, and with SIGKILL where that is ignored', async () => {
		const polite = await start(
			`process.on('SIGTERM', () => { console.error('bye'); process.exit(0); }); ${READY} setInterval(() => {}, 1000);`,
		);
		await polite.service.ready;
		await polite.service.stop();
		expect(await readFile(polite.service.logPath, 'utf8')).toContain('bye');
		const stubborn = await start(`process.on('SIGTERM', () => {}); ${READY} setInterval(() => {}, 1000);`, 50);
		await stubborn.service.ready;
		const pid = stubborn.service.pid() ?? 0;
		await stubborn.service.stop();
		expect(lives(pid)).toBe(false);
	});
});

describe('a child of a parent that is killed', () => {
	it('ends by itself', async () => {
		const child = path.join(dir, 'child.mjs');
		await writeFile(child, `${READY} setInterval(() => {}, 1000);`);
		const parent = path.join(dir, 'parent.mjs');
		const args = JSON.stringify(['--import', PROGRAMS.leaveWithParent, child]);
		await writeFile(
			parent,
			`import { spawn } from 'node:child_process';
			spawn(process.execPath, ${args}, { detached: true, stdio: ['ignore', 1, 2, 'pipe'] });`,
		);
		const running = spawn(process.execPath, [parent], { stdio: ['ignore', 'pipe', 'inherit'] });
		const line = await new Promise<string>((resolve) => running.stdout.once('data', (data) => resolve(String(data))));
		const { pid } = JSON.parse(line) as { pid: number };
		expect(lives(pid)).toBe(true);
		running.kill('SIGKILL');
		await expect.poll(() => lives(pid), { timeout: 5_000 }).toBe(false);
	});
});
